/// A moment of wall-clock time, as `google.protobuf.Timestamp` has it.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Since 1970-01-01T00:00:00Z.
  public let seconds: Int64
  /// 0 to 999 999 999, counted forwards also before 1970.
  public let nanoseconds: Int32

  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }
}

extension Timestamp {
  /// The time from `earlier` to this moment; negative if it is later.
  public func duration(since earlier: Timestamp) -> Duration {
    // In two steps: the difference of the seconds may overflow.
    .seconds(seconds) - .seconds(earlier.seconds)
      + .nanoseconds(Int64(nanoseconds) - Int64(earlier.nanoseconds))
  }

  /// This moment plus `duration`, which must not be negative.
  public func advanced(by duration: Duration) -> Timestamp {
    let (wholeSeconds, attoseconds) = duration.components
    let nanos = Int64(nanoseconds) + attoseconds / 1_000_000_000
    return Timestamp(
      seconds: seconds + wholeSeconds + nanos / 1_000_000_000,
      nanoseconds: Int32(nanos % 1_000_000_000))
  }
}
