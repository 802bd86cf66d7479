import CWire
import EventModel

extension OutriderV1 {
  /// The compatibility of a new schema with the last version and with the log, as far as it was
  /// read.
  public struct SchemaReport: WireDecodable, WireEncodable, Equatable {
    /// Incompatibilities with the last version; empty: none.
    public var reasons: [String]
    public var findings: [SchemaFinding]
    public var eventsRead: Int
    /// True once the whole log was read.
    public var isDone: Bool

    public init(
      reasons: [String] = [], findings: [SchemaFinding] = [], eventsRead: Int = 0,
      isDone: Bool = false
    ) {
      self.reasons = reasons
      self.findings = findings
      self.eventsRead = eventsRead
      self.isDone = isDone
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SchemaReport.self, wireBytes) { message throws(WireError) in
        let report = message.pointee
        var made = Self(
          reasons: (0..<report.n_reasons).map { text(report.reasons?[$0]) },
          eventsRead: Int(clamping: report.events_read),
          isDone: report.done != 0)
        for finding in elements(report.findings, report.n_findings) {
          made.findings.append(
            try at("findings[\(made.findings.count)]") { () throws(WireError) in
              try SchemaFinding(finding)
            })
        }
        return made
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SchemaReport.self) { builder, report in
        report.n_reasons = reasons.count
        report.reasons = builder.strings(reasons)
        var made: [UnsafeMutablePointer<Outrider__V1__SchemaFinding>] = []
        for finding in findings { made.append(finding.made(by: builder)) }
        report.n_findings = made.count
        report.findings = builder.array(made)
        report.events_read = UInt64(eventsRead)
        report.done = isDone ? 1 : 0
      }
    }
  }

  /// Events of one type that a schema cannot read.
  public struct SchemaFinding: Sendable, Equatable {
    /// The name in the payloads.
    public var type: String
    public var count: Int
    /// The first one.
    public var position: Position
    public var event: EventReference
    /// The error of the first one.
    public var reason: String

    public init(
      type: String, count: Int = 1, position: Position, event: EventReference, reason: String
    ) {
      self.type = type
      self.count = count
      self.position = position
      self.event = event
      self.reason = reason
    }

    fileprivate init(_ finding: Outrider__V1__SchemaFinding) throws(WireError) {
      guard let position = Position(ifGiven: finding.first_position) else {
        throw .missing("first_position")
      }
      guard let first = finding.first_cover else { throw .missing("first_cover") }
      let cover = try at("first_cover") { () throws(WireError) in try Cover(first.pointee) }
      self.init(
        type: text(finding.type), count: Int(clamping: finding.count), position: position,
        event: EventReference(
          cover: cover, sequence: try .ofEvent("first_sequence", finding.first_sequence)),
        reason: text(finding.reason))
    }

    fileprivate func made(
      by builder: borrowing MessageBuilder
    ) -> UnsafeMutablePointer<Outrider__V1__SchemaFinding> {
      let message = builder.make(Outrider__V1__SchemaFinding.self)
      message.pointee.type = builder.string(type)
      message.pointee.count = UInt64(count)
      message.pointee.first_position = builder.position(position)
      message.pointee.first_cover = builder.cover(event.cover)
      message.pointee.first_sequence = event.sequence.rawValue
      message.pointee.reason = builder.string(reason)
      return message
    }
  }
}
