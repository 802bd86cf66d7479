import Encodings
import EventModel
import JSON
import RPC
import Wire

/// The stored form of an entity's events: one commit for each request, each event an `Any` of
/// type `json/EVENTTYPE` whose value is the JSON as received. Headers of the commit hold
/// Eventuate's further fields.
enum StoredEvents {
  /// The entity's id, if it cannot be derived from the root.
  private static let idHeader: Name = "eventuate-entity-id"
  /// A JSON object: the events' metadata by their sequence numbers.
  private static let metadataHeader: Name = "eventuate-metadata"

  /// Makes a book of facts to record.
  static func book(
    _ events: [PostedEvent], of entity: EntityName, from first: SequenceNumber,
    _ token: TriggeringToken?
  ) -> ProposedBook {
    var annotations = Evented.Annotations()
    annotations.headers[idHeader] = entity.idToKeep
    let metadata = events.enumerated().compactMap { index, event in
      event.metadata.map { JSONValue.Member("\(Int(first.rawValue) + index)", .string($0)) }
    }
    if !metadata.isEmpty { annotations.headers[metadataHeader] = JSONValue.object(metadata).text }
    if let event = token?.event {
      annotations.cause = Evented.Cause(cover: event.cover, sequence: event.sequence)
    }
    return ProposedBook(
      cover: entity.cover,
      pages: events.map { event in
        ProposedPage(
          body: Payload(json: Array(event.data.utf8), ofType: event.type).pageBody)
      },
      commandID: token?.commandID, expected: first, origin: Origin(annotations))
  }

  /// Decodes the events of a stored commit. Throws 500 if one cannot be decoded.
  static func events(in book: EventBook) throws(EventuateFailure) -> [StoredEvent] {
    do throws(WireError) {
      let headers =
        book.origin.annotations.isEmpty ? [:] : try Evented.Annotations(book.origin).headers
      let metadata = headers[metadataHeader].flatMap { try? JSONValue.parse(Array($0.utf8)) }
      let id = headers[idHeader] ?? EventuateID(book.cover.root).description
      var events: [StoredEvent] = []
      for page in book.pages.pages {
        let payload = try Payload(pageBody: page.body)
        var event = StoredEvent(
          sequence: page.sequence, entityID: id, type: type(of: payload), data: data(of: payload))
        if payload.jsonType == nil { event.foreign = payload }
        if case .string(let text)? = metadata?["\(page.sequence)"] { event.metadata = text }
        events.append(event)
      }
      return events
    } catch {
      throw EventuateFailure(RPCStatus(.dataLoss, "a stored event cannot be read: \(error)"))
    }
  }

  /// The type for clients: everything after `json/`, or the part of a type URL after its last
  /// slash.
  private static func type(of payload: Payload) -> String {
    if let type = payload.jsonType { return type }
    return payload.typeURL.split(separator: "/").last.map(String.init) ?? payload.typeURL
  }

  /// Events that are not JSON are passed on unchanged, in Base64.
  private static func data(of payload: Payload) -> String {
    if payload.jsonType != nil, let text = String(validating: payload.value, as: UTF8.self) {
      return text
    }
    let wrapped: JSONValue = [
      "@type": .string(payload.typeURL), "value": .string(base64: payload.value),
    ]
    return wrapped.text
  }
}

/// A stored event.
struct StoredEvent: Equatable, Sendable {
  var sequence: SequenceNumber
  var entityID: String
  var type: String
  var data: String
  var metadata: String?
  /// The payload of an event that is not JSON; `data` then wraps its bytes.
  var foreign: Payload?
}

extension [StoredEvent] {
  /// Converts events in protobuf or Avro to JSON, if their types are described.
  func inJSON(of domain: Name, by calls: EventuateCalls) async -> Self {
    var events = self
    for index in indices {
      guard let payload = self[index].foreign,
        let json = await calls.backends.types.json(
          payload, of: domain, from: calls.payloadServer(of: domain))
      else { continue }
      events[index].data = json.text
    }
    return events
  }
}
