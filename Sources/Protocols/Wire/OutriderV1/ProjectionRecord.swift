import CWire
import EventModel

extension OutriderV1 {
  /// A projection and when it was stored.
  public struct ProjectionRecord: WireDecodable, WireEncodable, Equatable {
    public var projection: Projection
    public var updatedAt: Timestamp

    public init(_ projection: Projection, updatedAt: Timestamp) {
      self.projection = projection
      self.updatedAt = updatedAt
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__ProjectionRecord.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    /// - Parameter view: a checked record. The projection's value stays as received.
    init(_ view: View) throws(WireError) {
      var projection: Projection?
      var updatedAt: Timestamp?
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1:
          projection = try at("projection") { () throws(WireError) in try Projection(content) }
        case 2:
          updatedAt = try at("updated_at") { () throws(WireError) in try Timestamp(content) }
        default: break
        }
      }
      guard let projection else { throw .missing("projection") }
      guard let updatedAt else { throw .missing("updated_at") }
      self.init(projection, updatedAt: updatedAt)
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter(reserving: projection.value.count + 128)
      writer.message(1, projection)
      writer.message(2, updatedAt)
      return writer.bytes
    }
  }
}
