import Encodings
import EventModel
import EventSourcing
import JSON
import Wire

/// Encodes commits as messages.
enum ValueEncoding {
  case eventBook
  case eventuate

  init(_ values: KafkaAddress.Values) {
    switch values {
    case .eventBook: self = .eventBook
    case .eventuate: self = .eventuate
    }
  }

  /// One message for each commit, or one for each event.
  func messages(of recorded: RecordedCommit) throws(ChannelError) -> [OutgoingMessage] {
    switch self {
    case .eventBook: return [OutgoingMessage(recorded)]
    case .eventuate:
      var messages: [OutgoingMessage] = []
      for page in recorded.commit.pages.pages {
        messages.append(try Self.eventuate(page, of: recorded))
      }
      return messages
    }
  }

  /// Eventuate Local's `PublishedEvent`: event ids ascend along the log, entity ids are roots.
  private static func eventuate(
    _ page: EventPage, of recorded: RecordedCommit
  ) throws(ChannelError) -> OutgoingMessage {
    let (type, data) = try json(page, of: recorded)
    let cover = recorded.commit.cover
    let entity = int128(cover.root)
    let id = int128(recorded.position.number, UInt64(page.sequence.rawValue))
    let value: JSONValue = [
      "id": .string(id), "entityId": .string(entity), "entityType": .string(cover.domain.text),
      "eventData": .string(data), "eventType": .string(type),
    ]
    return OutgoingMessage(key: Bytes(entity.utf8), body: Bytes(value.text.utf8))
  }

  /// Type and data of a JSON event, whose type URL is `json/TYPE`.
  private static func json(
    _ page: EventPage, of recorded: RecordedCommit
  ) throws(ChannelError) -> (type: String, data: String) {
    guard let payload = try? Payload(pageBody: page.body), let type = payload.jsonType,
      let data = String(validating: payload.value, as: UTF8.self)
    else {
      throw ChannelError(
        .refused,
        "domain \(recorded.commit.cover.domain) has an event that is no JSON, which "
          + "values=eventuate needs: its type URL is json/TYPE. Publish the domain with "
          + "values=eventbook", position: recorded.position)
    }
    return (type, data)
  }

  private static func int128(_ root: Root) -> String {
    let digits = Hexadecimal.encode(root.bytes)
    return "\(digits.prefix(16))-\(digits.suffix(16))"
  }

  /// Eventuate's `Int128` as text.
  private static func int128(_ high: UInt64, _ low: UInt64) -> String {
    "\(Hexadecimal.encode(high))-\(Hexadecimal.encode(low))"
  }
}
