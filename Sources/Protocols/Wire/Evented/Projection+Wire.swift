import CWire
import EventModel

extension Projection: WireDecodable, WireEncodable, WireContent {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try walk(Evented__Projection.self, wireBytes) { view throws(WireError) in
      try Projection(view)
    }
  }

  /// - Parameter view: a projection that was checked.
  init(_ view: View) throws(WireError) {
    let fields = try ProjectionFields(view)
    guard let cover = fields.cover else { throw .missing("cover") }
    self.init(
      projector: fields.projector, cover: cover, sequence: fields.sequence,
      value: fields.value ?? [])
  }

  public var wireBytes: Bytes { written }

  var byteCountGuess: Int { value.count + projector.utf8.count + 64 }

  func write(to writer: inout FieldWriter) {
    writer.projection(cover: cover, projector: projector, sequence: sequence, value: value)
  }
}

extension Evented {
  /// An `evented.Projection` from a projector's logic, which may omit known fields.
  public struct ProjectorAnswer: WireDecodable, WireEncodable, Equatable {
    /// Nil: the cover of the request's events.
    public var cover: Cover?
    /// 0 if it was omitted, or is 0.
    public var sequence: SequenceNumber
    /// The value, an `Any` in wire form; nil for logic that keeps its own read model.
    public var value: Bytes?

    public init(cover: Cover? = nil, sequence: SequenceNumber = .first, value: Bytes?) {
      self.cover = cover
      self.sequence = sequence
      self.value = value
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Evented__Projection.self, wireBytes) { view throws(WireError) in
        let fields = try ProjectionFields(view)
        return Self(cover: fields.cover, sequence: fields.sequence, value: fields.value)
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter(reserving: (value?.count ?? 0) + 64)
      writer.projection(cover: cover, projector: "", sequence: sequence, value: value)
      return writer.bytes
    }
  }
}

private struct ProjectionFields {
  var cover: Cover?
  var projector: Name = ""
  var sequence = SequenceNumber.first
  var value: Bytes?

  init(_ view: View) throws(WireError) {
    var reader = FieldReader(view)
    while let field = try reader.next() {
      let content = view.part(field.content)
      switch field.number {
      case 1: cover = try at("cover") { () throws(WireError) in try Cover(content) }
      case 2: projector = Name(String(decoding: content, as: UTF8.self))
      case 3: sequence = try .ofEvent("sequence", UInt32(truncatingIfNeeded: field.value))
      case 4: value = Bytes(content)
      default: break
      }
    }
  }
}

extension FieldWriter {
  fileprivate mutating func projection(
    cover: Cover?, projector: Name, sequence: SequenceNumber, value: Bytes?
  ) {
    if let cover { message(1, cover) }
    text(2, projector)
    number(3, UInt64(sequence.rawValue))
    if let value { field(4, value) }
  }
}
