import EventModel
import JSON
import LibCrypto

/// Headers that a consumer adds to a dead letter.
public struct LetterHeaders: Sendable, Equatable {
  /// Nil if another tool created the dead letter.
  public var id: String?
  public var reason: String
  public var setAsideAt: Timestamp?

  private static let idName = "outrider-letter"
  private static let reasonName = "outrider-reason"
  private static let timeName = "outrider-set-aside-at"

  public init(id: String, reason: String, setAsideAt: Timestamp) {
    self.id = id
    self.reason = reason
    self.setAsideAt = setAsideAt
  }

  /// Finds them among all headers of a message.
  public init(among headers: some Sequence<MessageHeader>) {
    reason = ""
    for (name, value) in headers {
      switch name {
      case Self.idName: id = value
      case Self.reasonName: reason = value
      case Self.timeName:
        setAsideAt = RFC3339(value).map {
          Timestamp(seconds: $0.seconds, nanoseconds: $0.nanoseconds)
        }
      default: break
      }
    }
  }

  /// True if the header is one of these, not the message's own.
  public static func contain(_ name: String) -> Bool {
    [idName, reasonName, timeName].contains(name)
  }

  public var headers: [MessageHeader] {
    var headers: [MessageHeader] = []
    if let id { headers.append((Self.idName, id)) }
    headers.append((Self.reasonName, reason))
    let time = setAsideAt.flatMap { RFC3339(seconds: $0.seconds, nanoseconds: $0.nanoseconds) }
    if let time { headers.append((Self.timeName, time.description)) }
    return headers
  }

  /// A stable id for a message without one, derived from its content.
  ///
  /// - Parameter headers: all headers of the message.
  public static func derivedID(
    headers: some Sequence<MessageHeader>, body: Bytes
  ) -> String {
    // Lengths keep contents apart whose parts join to the same bytes.
    let texts = headers.sorted { $0 < $1 }.flatMap { [$0.name, $0.value] }
    let lengths = texts.map { "\($0.utf8.count) " }.joined()
    let digest = LibCrypto.hexSHA256(
      Bytes((lengths + "\n" + texts.joined()).utf8) + body)
    return String(digest.prefix(16))
  }
}
