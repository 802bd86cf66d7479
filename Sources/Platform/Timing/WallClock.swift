import Glibc

/// The system's time of day.
@Sendable func wallClock() -> Timestamp {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
}

extension Timestamp {
  /// The moment that much later; `duration` is not negative.
  public func advanced(by duration: Duration) -> Timestamp {
    let (wholeSeconds, attoseconds) = duration.components
    let nanos = Int64(nanoseconds) + attoseconds / 1_000_000_000
    return Timestamp(
      seconds: seconds + wholeSeconds + nanos / 1_000_000_000,
      nanoseconds: Int32(nanos % 1_000_000_000))
  }
}
