import EventModel
import LibCrypto

extension Root {
  /// A name that follows from what led to it, so that doing a thing twice is doing it once: the
  /// first 16 bytes of SHA-256 over all of it.
  ///
  /// - Parameters:
  ///   - maker: who makes it: a saga, a queue of commands.
  ///   - cause: the event that led to it.
  ///   - index: its place among what the event led to.
  public static func derived(by maker: Name, from cause: EventReference, _ index: UInt32) -> Root {
    var bytes = Array(maker.utf8) + [0] + Array(cause.cover.domain.utf8) + [0]
    bytes += cause.cover.root.bytes
    for number in [cause.sequence.rawValue, index] {
      withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }
    return Root(LibCrypto.sha256(bytes).prefix(byteCount))!  // 16 bytes of 32
  }

  /// The root that stands for a text.
  public static func named(_ text: Name, by maker: Name) -> Root {
    Root(LibCrypto.sha256(Array(maker.utf8) + [0] + Array(text.utf8)).prefix(byteCount))!
  }
}
