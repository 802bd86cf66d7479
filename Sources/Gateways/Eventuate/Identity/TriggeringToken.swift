import Encodings
import EventModel
import EventSourcing
import LibCrypto
import Names
import Wire

/// A token of an event for the updates by its handler. It names the event and the subscriber, so
/// that each of them changes an entity once.
///
/// Its text has only characters that are safe in a URL, where clients put it unescaped. Other
/// texts are accepted, too: a client may keep tokens of other makes.
struct TriggeringToken: Hashable, Sendable {
  private static let version: UInt8 = 1
  private static let prefixCount = 1 + 8 + Root.byteCount + 4

  @Bytewise private(set) var text: String
  /// The event that led to an update, by the token; nil for a token of another make.
  let event: EventReference?

  /// - Parameter subscriber: includes its space.
  init(_ event: EventReference, for subscriber: SubscriberName) {
    var bytes: Bytes = [Self.version]
    bytes += LibCrypto.sha256(Array(subscriber.key.utf8)).prefix(8)
    bytes += event.cover.root.bytes
    bytes.append(bigEndian: event.sequence.rawValue)
    bytes += event.cover.domain.utf8
    self.event = event
    text = String(
      decoding: Base64.encode(bytes, isPadded: false, isURLSafe: true), as: UTF8.self)
  }

  init(_ text: String) {
    self.text = text
    event = Self.event(in: text)
  }

  /// Identifies a repeated update. A blank is a `+` that a query decoder replaced.
  var commandID: String {
    let text = String(text.map { $0 == " " ? "+" : $0 })
    return text.utf8.count <= FieldLimits.commandIDByteCount
      ? text : "eventuate-\(LibCrypto.hexSHA256(Array(text.utf8)))"
  }

  private static func event(in text: String) -> EventReference? {
    guard let bytes = Base64.decode(Array(text.utf8), .url, isCanonical: true),
      bytes.count > prefixCount, bytes[0] == version, let root = Root(bytes[9..<25]),
      let domain = String(validating: bytes[prefixCount...], as: UTF8.self),
      domain.utf8.count <= FieldLimits.domainByteCount
    else { return nil }
    let sequence = UInt32(bigEndianBytes: bytes[25..<29])
    return EventReference(
      cover: Cover(domain: Name(domain), root: root), sequence: SequenceNumber(sequence))
  }
}
