/// The identity of an aggregate: 16 bytes, a UUID of any version.
///
/// A time-ordered UUID (version 7, RFC 9562 section 5.7) keeps neighbours together in a store's
/// index; `Root.timeOrdered` makes one.
public struct Root: Hashable, Sendable {
  /// The number of bytes of a root.
  public static let byteCount = UUIDValue.byteCount

  private let uuid: UUIDValue

  private init(_ uuid: UUIDValue) { self.uuid = uuid }

  /// Takes exactly 16 bytes; nil for any other number.
  ///
  /// Inlinable: a generic call across modules that is not specialised costs microseconds, and
  /// every command and every stored commit has a root.
  @inlinable public init?(_ bytes: some Collection<UInt8>) {
    let root = bytes.withContiguousStorageIfAvailable { Root(contiguous: $0) }
    guard let root = root ?? Bytes(bytes).withUnsafeBufferPointer({ Root(contiguous: $0) }) else {
      return nil
    }
    self = root
  }

  @usableFromInline init?(contiguous bytes: UnsafeBufferPointer<UInt8>) {
    guard let uuid = UUIDValue(bytes) else { return nil }
    self.init(uuid)
  }

  /// All bits zero; not the root of any aggregate.
  public static let `nil` = Root(.nil)

  /// The 16 bytes, most significant first.
  public var bytes: Bytes { uuid.bytes }

  /// The 16 bytes, without an allocation.
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try uuid.withBytes(body)
  }

  /// The partition, out of `count`, of the domain's log that holds the aggregate's commits.
  /// Stable across processes and versions.
  public func partition(of count: UInt32) -> UInt32 {
    if count == 1 { return 0 }
    return UInt32(truncatingIfNeeded: (stableHash >> 32) % UInt64(count))
  }

  /// A new version 7 UUID for the time given, so that later roots sort behind earlier ones.
  public static func timeOrdered(
    at time: Timestamp, using random: inout some RandomNumberGenerator
  ) -> Root {
    Root(.timeOrdered(at: time, using: &random))
  }

  /// Whether the root's own timestamp lies within this duration of `now`. It depends on its
  /// maker's clock, so it may be wrong.
  public func claimsToBeMade(within duration: Duration, of now: Timestamp) -> Bool {
    guard let milliseconds = uuid.milliseconds else { return false }
    let made = Timestamp(seconds: 0).advanced(by: .milliseconds(Int64(milliseconds)))
    return (made < now ? now.duration(since: made) : made.duration(since: now)) <= duration
  }

  /// A new version 4 UUID.
  public static func random(using random: inout some RandomNumberGenerator) -> Root {
    Root(.random(using: &random))
  }
}

extension Root: Comparable {
  /// Roots sort by their bytes.
  public static func < (left: Root, right: Root) -> Bool {
    (left.uuid.high, left.uuid.low) < (right.uuid.high, right.uuid.low)
  }
}

extension Root: LosslessStringConvertible {
  /// Parses a UUID with or without hyphens, also as a URN (RFC 9562 section 4):
  /// `urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91`. Nil for anything else.
  public init?(_ text: String) {
    guard let uuid = UUIDValue(text) else { return nil }
    self.init(uuid)
  }

  /// The root in UUID notation: `0190163d-8694-739b-aea5-966c26f8ad91`.
  public var description: String { uuid.description }
}
