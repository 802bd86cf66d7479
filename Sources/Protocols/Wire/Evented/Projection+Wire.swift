import CWire
import EventModel

extension Projection: WireDecodable, WireEncodable {
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

  public var wireBytes: Bytes {
    projectionBytes(cover: cover, projector: projector, sequence: sequence, value: value)
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
      projectionBytes(cover: cover, projector: "", sequence: sequence, value: value)
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

private func projectionBytes(
  cover: Cover?, projector: Name, sequence: SequenceNumber, value: Bytes?
) -> Bytes {
  var writer = FieldWriter(reserving: (value?.count ?? 0) + 96)
  if let cover { writer.field(1, cover.wireContent) }
  writer.text(2, projector)
  writer.number(3, UInt64(sequence.rawValue))
  if let value { writer.field(4, value) }
  return writer.bytes
}
