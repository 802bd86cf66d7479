/// Limits of incoming frames. A larger frame ends the connection.
public struct FrameLimits: Equatable, Sendable {
  /// Bytes of command and headers together.
  public var headByteCount: Int
  /// Header lines.
  public var headerCount: Int
  /// Bytes of the body.
  public var bodyByteCount: Int

  public init(headByteCount: Int, headerCount: Int, bodyByteCount: Int) {
    self.headByteCount = headByteCount
    self.headerCount = headerCount
    self.bodyByteCount = bodyByteCount
  }

  /// For unauthenticated clients: room for CONNECT.
  public static let stranger = FrameLimits(
    headByteCount: 8 << 10, headerCount: 32, bodyByteCount: 1 << 10)
  /// For authenticated clients: a destination may name many event types.
  public static let client = FrameLimits(
    headByteCount: 256 << 10, headerCount: 64, bodyByteCount: 64 << 10)
}
