import CWire
import EventModel

/// The content of an `Any`, for code that makes or shows payloads. Elsewhere Outrider keeps an
/// `Any` as bytes.
public struct Payload: WireDecodable, WireEncodable, Equatable {
  /// Names the message type after its last slash: `type.googleapis.com/bank.AccountOpened`.
  public var typeURL: String
  /// The encoded message.
  public var value: Bytes

  public init(typeURL: String, value: Bytes) {
    self.typeURL = typeURL
    self.value = value
  }

  /// JSON, as `json/TYPE`.
  public init(json: Bytes, ofType type: String) {
    self.init(typeURL: Self.jsonPrefix.text + type, value: json)
  }

  /// The type of JSON; nil for any other payload.
  public var jsonType: String? { Self.jsonType(ofURL: typeURL) }

  public static func jsonType(ofURL url: String) -> String? { Name(url).after(jsonPrefix)?.text }

  private static let jsonPrefix: Name = "json/"

  /// Decodes an `Any`, such as `Projection.value` or `Snapshot.state`.
  public init(wireBytes: Bytes) throws(WireError) {
    self = try unpack(Google__Protobuf__Any.self, wireBytes) { message throws(WireError) in
      Payload(typeURL: text(message.pointee.type_url), value: bytes(message.pointee.value))
    }
  }

  public var wireBytes: Bytes {
    var writer = FieldWriter(reserving: typeURL.utf8.count + value.count + 16)
    writer.text(1, typeURL)
    writer.data(2, value)
    return writer.bytes
  }

  /// Decodes the event of a page's body: `EventPage.body`, `ProposedPage.body`.
  public init(pageBody: Bytes) throws(WireError) {
    let any = try walk(Evented__EventPage.self, pageBody) { view throws(WireError) in
      var reader = FieldReader(view)
      while let field = try reader.next() {
        if field.number == 4 { return Bytes(view.part(field.content)) }
      }
      throw .missing("event")
    }
    try self.init(wireBytes: any)
  }

  /// The body of a page with this event.
  public var pageBody: Bytes { pageBody(of: nil) }

  /// The same for an event of a member of the aggregate; nil: of its root.
  public func pageBody(of entity: Name?) -> Bytes {
    var writer = FieldWriter(reserving: typeURL.utf8.count + value.count + 24)
    writer.field(4, wireBytes)
    if let entity { writer.text(16, entity) }
    return writer.bytes
  }
}
