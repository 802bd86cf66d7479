/// How large a frame may be that comes in. A larger one ends the connection.
public struct FrameLimits: Equatable, Sendable {
  /// Of command and headers together, in bytes.
  public var headByteCount: Int
  /// Of header lines.
  public var headerCount: Int
  /// Of the body, in bytes.
  public var bodyByteCount: Int

  public init(headByteCount: Int, headerCount: Int, bodyByteCount: Int) {
    self.headByteCount = headByteCount
    self.headerCount = headerCount
    self.bodyByteCount = bodyByteCount
  }

  /// For those who have not proved who they are: room for CONNECT.
  public static let stranger = FrameLimits(
    headByteCount: 8 << 10, headerCount: 32, bodyByteCount: 1 << 10)
  /// For those who have: a destination may name many types of events.
  public static let client = FrameLimits(
    headByteCount: 256 << 10, headerCount: 64, bodyByteCount: 64 << 10)
}
