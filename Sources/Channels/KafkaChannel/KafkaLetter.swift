import EventModel
import EventSourcing
import Wire

/// A message among the dead letters. Its key is its id, and a message without a body under the same
/// key removes it, so that compaction keeps what is there and nothing else.
struct KafkaLetter {
  /// Which group's consumer set it aside.
  private static let groupName = "outrider-group"
  /// The key of the message itself; it had none where this is missing.
  private static let keyName = "outrider-key"
  /// The group for which a message was retried: consumers of others pass over it.
  static let retryName = "outrider-retry"

  let id: String
  let message: OutgoingMessage
  private let added: LetterHeaders

  /// A letter that was read from this place, which tells letters of other tools apart.
  init(_ message: OutgoingMessage, partition: Int32, offset: Int64) {
    self.message = message
    added = LetterHeaders(among: message.headerTexts)
    id =
      added.id
      ?? LetterHeaders.derivedID(
        headers: message.headerTexts + [("offset", "\(partition):\(offset)")],
        body: message.body ?? [])
  }

  /// Sets a message aside.
  init(of original: OutgoingMessage, _ stamp: LetterStamp, group: String) {
    id = stamp.id
    added = LetterHeaders(id: stamp.id, reason: stamp.reason, setAsideAt: stamp.setAsideAt)
    var letter = OutgoingMessage(
      key: Bytes(stamp.id.utf8), body: original.body ?? [],
      headers: Self.own(original.headers))
    for header in added.headers { letter.append(header.name, header.value) }
    letter.append(Self.groupName, group)
    if let key = original.key { letter.append(Self.keyName, key) }
    message = letter
  }

  private static func own(_ headers: MessageHeaders) -> MessageHeaders {
    MessageHeaders(headers.filter { !isAdded($0.name) })
  }

  private static func isAdded(_ name: String) -> Bool {
    LetterHeaders.contain(name) || [groupName, keyName, retryName].contains(name)
  }

  /// Nil where another tool put it there.
  var group: String? { message.headerTexts.last { $0.name == Self.groupName }?.value }

  var value: DeadLetter {
    DeadLetter(
      id: id, reason: added.reason, setAsideAt: added.setAsideAt,
      headers: message.headerTexts.filter { !Self.isAdded($0.name) }
        .map { DeadLetter.Header(name: $0.name, value: $0.value) },
      body: message.body ?? [])
  }

  /// The message as it was before it was set aside, for one group's consumers.
  var retried: OutgoingMessage {
    let key =
      added.id == nil
      ? message.key : message.headers.last { $0.name == Self.keyName }?.value
    var original = OutgoingMessage(
      key: key, body: message.body, headers: Self.own(message.headers))
    if let group { original.append(Self.retryName, group) }
    return original
  }
}

extension OutgoingMessage {
  fileprivate var headerTexts: [MessageHeader] {
    headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
  }
}
