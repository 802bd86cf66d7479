import EventModel
import EventSourcing
import Wire

/// A dead letter. Its key is its id, and a message with the same key and no body removes it, so
/// that compaction keeps exactly the current letters.
struct KafkaLetter {
  /// The group whose consumer set it aside.
  private static let groupName = "outrider-group"
  /// The original message's key; missing if it had none.
  private static let keyName = "outrider-key"
  /// The group that a message is retried for: consumers of other groups skip it.
  static let retryName = "outrider-retry"

  let id: String
  let message: OutgoingMessage
  private let added: LetterHeaders

  /// A letter read from this place, which distinguishes letters of other tools.
  init(_ message: OutgoingMessage, partition: Int32, offset: Int64) {
    self.message = message
    added = LetterHeaders(among: message.headerTexts)
    id =
      added.id
      ?? LetterHeaders.derivedID(
        headers: message.headerTexts + [("offset", "\(partition):\(offset)")],
        body: message.body ?? [])
  }

  /// Makes a letter from a message.
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

  /// Nil if another tool set it aside.
  var group: String? { message.headerTexts.last { $0.name == Self.groupName }?.value }

  var value: DeadLetter {
    DeadLetter(
      id: id, reason: added.reason, setAsideAt: added.setAsideAt,
      headers: message.headerTexts.filter { !Self.isAdded($0.name) }
        .map { DeadLetter.Header(name: $0.name, value: $0.value) },
      body: message.body ?? [])
  }

  /// The original message, for one group's consumers.
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
