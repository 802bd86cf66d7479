import Glibc

/// Time, randomness and waiting, so that a test controls all three.
///
/// Use cases receive theirs. All other code asks `live`; only adapters that block a thread of
/// their own ask the system. `make check` names any new place.
public struct Environment: Sendable {
  /// Wall-clock time, for stamps; decisions must not rest on it.
  public var now: @Sendable () -> Timestamp
  /// Monotonic time, for deadlines.
  public var instant: @Sendable () -> ContinuousClock.Instant
  /// Waits, or throws `CancellationError` if the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// 64 random bits. Not for secrets; nothing here needs any: TLS draws its own.
  public var random: @Sendable () -> UInt64

  public init(
    now: @escaping @Sendable () -> Timestamp,
    instant: @escaping @Sendable () -> ContinuousClock.Instant,
    sleep: @escaping @Sendable (Duration) async throws -> Void,
    random: @escaping @Sendable () -> UInt64
  ) {
    self.now = now
    self.instant = instant
    self.sleep = sleep
    self.random = random
  }

  /// The machine's own clocks, and random numbers that the system seeds.
  public static let live = Environment(
    now: wallClock,
    instant: { ContinuousClock.now },
    sleep: { try await ContinuousClock().sleep(for: $0) },
    random: { processRandom.next() })
}

/// Avoids a system call for each number.
private let processRandom: FastRandom = {
  var system = SystemRandomNumberGenerator()
  return FastRandom { system.next() }
}()

extension Environment {
  /// The random bits as a generator.
  public struct Generator: RandomNumberGenerator {
    fileprivate let next64: @Sendable () -> UInt64
    public mutating func next() -> UInt64 { next64() }
  }

  public var generator: Generator { Generator(next64: random) }
}

/// The system's time of day.
@Sendable private func wallClock() -> Timestamp {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
}

/// The executor of unstructured tasks.
public enum LooseTasks {
  /// Nil: the default executor. A test that controls time sets it.
  @TaskLocal public static var executor: (any TaskExecutor)?
}
