import Encodings
import EventModel
import LibCrypto
import Wire

/// The name of a durable subscription in Eventuate: the subscriber's id, in a space.
struct SubscriberName: Hashable, Sendable {
  /// The most bytes of an id, which is in the `ack` header of every message.
  static let idByteCountMax = 1024

  let space: String
  let id: String

  /// Throws 400 for an id that some clients could not read back from a message: they do not
  /// decode escapes in the `ack` header, which holds it as JSON.
  init(_ id: String, in space: String) throws(EventuateFailure) {
    guard !id.isEmpty, id.utf8.count <= Self.idByteCountMax else {
      throw .malformed("subscriberId must have 1 to \(Self.idByteCountMax) bytes")
    }
    let isPlain = id.unicodeScalars.allSatisfy { $0 != "\"" && $0 != "\\" && $0.value >= 0x20 }
    guard isPlain else {
      throw .malformed("subscriberId must hold no quote, backslash or control character")
    }
    self.space = space
    self.id = id
  }

  /// Unique, because spaces contain no slash.
  var key: String { "\(space)/\(id)" }

  /// The subscription's name in each domain. A domain belongs to one space.
  var subscription: Name {
    let name = Self.prefix + URIEncoding.encode(id.utf8)
    return name.utf8.count <= FieldLimits.subscriptionByteCount
      ? Name(name) : Name(Self.prefix + LibCrypto.hexSHA256(Array(id.utf8)))
  }

  private static let prefix = "eventuate-"
}
