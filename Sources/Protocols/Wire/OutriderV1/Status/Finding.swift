import CWire
import EventModel

extension OutriderV1 {
  /// A problem found.
  public struct Finding: Sendable, Equatable {
    /// Raw values are the wire's.
    public enum Severity: Int, Sendable, CaseIterable {
      case unspecified = 0
      /// Works now, but will fail if nothing is done.
      case warning = 1
      /// Does not work.
      case failing = 2
    }

    public var severity: Severity
    /// The kind of finding, for programs.
    public var code: String
    public var what: String
    public var place: String
    public var action: String

    public init(
      _ severity: Severity, code: String, what: String, place: String, action: String
    ) {
      self.severity = severity
      self.code = code
      self.what = what
      self.place = place
      self.action = action
    }
  }
}

extension OutriderV1.Finding {
  /// An unknown severity is a warning.
  init(_ finding: Outrider__V1__Finding) {
    self.init(
      Severity(rawValue: Int(finding.severity.rawValue)) ?? .warning, code: text(finding.code),
      what: text(finding.what), place: text(finding.where), action: text(finding.action))
  }

  func made(
    by builder: borrowing MessageBuilder
  ) -> UnsafeMutablePointer<Outrider__V1__Finding> {
    let finding = builder.make(Outrider__V1__Finding.self)
    finding.pointee.severity.rawValue = .init(severity.rawValue)
    finding.pointee.code = builder.string(code)
    finding.pointee.what = builder.string(what)
    finding.pointee.where = builder.string(place)
    finding.pointee.action = builder.string(action)
    return finding
  }
}
