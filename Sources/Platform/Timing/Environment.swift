import Glibc

/// Time, randomness and waiting, so that a test can hold all three.
///
/// Use cases are given theirs. Everything else asks `live`, and nothing asks the system itself,
/// save adapters that block a thread of their own: `make check` names any new place.
public struct Environment: Sendable {
  /// Wall-clock time, for stamps; no decision rests on it.
  public var now: @Sendable () -> Timestamp
  /// Monotonic time, for deadlines.
  public var instant: @Sendable () -> ContinuousClock.Instant
  /// Waits, or throws `CancellationError` when the task is cancelled.
  public var sleep: @Sendable (Duration) async throws -> Void
  /// 64 random bits. They are no secrets; nothing here needs any: TLS draws its own.
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

/// To ask the system for each number would cost a call of the kernel.
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

/// Tasks that nobody has to wait for, so that they do not run where their maker does.
public enum LooseTasks {
  /// Where they run; nil: where any task does. A test that holds time must hold them, too.
  @TaskLocal public static var executor: (any TaskExecutor)?
}
