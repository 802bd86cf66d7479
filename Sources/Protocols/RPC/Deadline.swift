import Timing

/// The instant after which nobody waits for a call's answer any more.
///
/// It travels as the time that is left (`grpc-timeout`), so that clocks of two machines are never
/// compared. A handler that makes calls of its own passes its context's deadline on.
public struct Deadline: Sendable, Hashable {
  /// Nil means that the call may take for ever.
  public let instant: ContinuousClock.Instant?

  /// No deadline at all.
  public static let never = Deadline(instant: nil)

  public init(instant: ContinuousClock.Instant?) {
    self.instant = instant
  }

  /// The deadline that comes after this much time. A zero or negative time has passed already.
  public static func after(_ duration: Duration) -> Deadline {
    Deadline(instant: Environment.live.instant().advanced(by: duration))
  }

  /// The time that is left, negative once it has passed; nil if there is no deadline.
  public var remaining: Duration? {
    instant.map { Environment.live.instant().duration(to: $0) }
  }

  public var isPast: Bool {
    instant.map { $0 <= Environment.live.instant() } ?? false
  }
}

extension Deadline: Comparable {
  /// The earlier one is less; `never` is the greatest.
  public static func < (left: Deadline, right: Deadline) -> Bool {
    switch (left.instant, right.instant) {
    case (let left?, let right?): left < right
    case (.some, nil): true
    case (nil, _): false
    }
  }
}
