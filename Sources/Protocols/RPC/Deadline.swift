import Timing

/// The instant after which no caller waits for a call's answer.
///
/// Sent as the remaining time (`grpc-timeout`), so that clocks of two machines are never compared.
/// A handler passes its context's deadline on to its own calls.
public struct Deadline: Sendable, Hashable {
  /// Nil: no deadline.
  public let instant: ContinuousClock.Instant?

  /// No deadline at all.
  public static let never = Deadline(instant: nil)

  public init(instant: ContinuousClock.Instant?) {
    self.instant = instant
  }

  /// The deadline after this time. A time that is not positive has passed already.
  public static func after(_ duration: Duration) -> Deadline {
    Deadline(instant: Environment.live.instant().advanced(by: duration))
  }

  /// The remaining time, negative once the deadline has passed; nil if there is none.
  public var remaining: Duration? {
    instant.map { Environment.live.instant().duration(to: $0) }
  }

  public var isPast: Bool {
    instant.map { $0 <= Environment.live.instant() } ?? false
  }
}

extension Deadline: Comparable {
  /// Orders by time; `never` is the greatest.
  public static func < (left: Deadline, right: Deadline) -> Bool {
    switch (left.instant, right.instant) {
    case (let left?, let right?): left < right
    case (.some, nil): true
    case (nil, _): false
    }
  }
}
