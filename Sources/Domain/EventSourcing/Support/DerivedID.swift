import Encodings
import EventModel
import LibCrypto

extension Root {
  /// An id derived from its cause, which makes repeated work idempotent: the first 16 bytes of
  /// SHA-256 over all arguments.
  ///
  /// - Parameters:
  ///   - maker: the saga or queue of commands that makes it.
  ///   - cause: the event that led to it.
  ///   - index: its index among the event's effects.
  public static func derived(by maker: Name, from cause: EventReference, _ index: UInt32) -> Root {
    var bytes = Array(maker.utf8) + [0] + Array(cause.cover.domain.utf8) + [0]
    bytes += cause.cover.root.bytes
    bytes.append(bigEndian: cause.sequence.rawValue)
    bytes.append(bigEndian: index)
    return Root(LibCrypto.sha256(bytes).prefix(byteCount))!  // 16 bytes of 32
  }

  /// A root derived from a text.
  public static func named(_ text: Name, by maker: Name) -> Root {
    Root(LibCrypto.sha256(Array(maker.utf8) + [0] + Array(text.utf8)).prefix(byteCount))!
  }
}
