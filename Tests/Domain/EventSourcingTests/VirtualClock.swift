import Dispatch
import EventSourcing
import Synchronization
import Timing

/// Time that stands still while anybody works, and then jumps to where the next sleeper wakes.
final class VirtualClock: Sendable {
  private struct Sleeper {
    let id: Int
    let end: Duration
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var elapsed = Duration.zero
    /// How far the wall clock is ahead of where it would be, had it not jumped; negative: behind.
    var wallJump = Duration.zero
    var lastID = 0
    var sleepers: [Sleeper] = []
  }

  private let start = ContinuousClock.now
  private let wallStart = Environment.live.now()
  private let state = Mutex(State())

  var elapsed: Duration { state.withLock { $0.elapsed } }

  /// The wall clock's time. It may jump by less than a day in all.
  var now: Timestamp {
    let day = Duration.seconds(86_400)
    let dayBefore = Timestamp(
      seconds: wallStart.seconds - day.components.seconds, nanoseconds: wallStart.nanoseconds)
    return dayBefore.advanced(by: state.withLock { day + $0.elapsed + $0.wallJump })
  }

  /// Sets the wall clock. Nobody who sleeps wakes of it.
  func jumpWallClock(by duration: Duration) { state.withLock { $0.wallJump += duration } }

  var environment: Environment {
    Environment(
      now: { self.now }, instant: { self.start + self.elapsed },
      sleep: { try await self.sleep($0) }, random: Environment.live.random)
  }

  /// One clock runs at a time: each keeps a core busy, and all tests run beside each other.
  private static let turns = ConcurrencyLimit(1)

  /// Where the tasks run that time stands still for.
  private let tasks = TurnByTurn()

  /// Lets time pass as long as `body` runs, when it is this clock's turn.
  func running<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    try await Self.turns.run {
      try await LooseTasks.$executor.withValue(tasks) {
        try await withTaskExecutorPreference(tasks) { try await drive(body) }
      }
    }
  }

  /// A task of its own, that time stands still for, too.
  func task<Success: Sendable>(
    _ body: @escaping @Sendable () async throws -> Success
  ) -> Task<Success, any Error> {
    Task(executorPreference: tasks, operation: body)
  }

  private func drive<Result>(_ body: () async throws -> Result) async rethrows -> Result {
    let driver = task {
      while !Task.isCancelled {
        // Whoever can run has come to where it sleeps by then.
        for _ in 0..<100 { await Task.yield() }
        self.jump()
      }
    }
    defer { driver.cancel() }
    return try await body()
  }

  func sleep(_ duration: Duration) async throws {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          state.sleepers.append(
            Sleeper(id: id, end: state.elapsed + duration, continuation: continuation))
        }
        if Task.isCancelled { wake { $0.id == id } }
      }
    } onCancel: {
      wake { $0.id == id }
    }
    try Task.checkCancellation()
  }

  private func jump() {
    let end = state.withLock { state in
      if let end = state.sleepers.map(\.end).min() { state.elapsed = max(state.elapsed, end) }
      return state.elapsed
    }
    wake { $0.end <= end }
  }

  private func wake(_ isMeant: (Sleeper) -> Bool) {
    let woken = state.withLock { state in
      let woken = state.sleepers.filter(isMeant)
      state.sleepers.removeAll(where: isMeant)
      return woken
    }
    for sleeper in woken { sleeper.continuation.resume() }
  }
}

/// Runs tasks on one thread, each when it is its turn: whoever yields goes behind all others that
/// can run, however busy the machine is.
private final class TurnByTurn: TaskExecutor {
  private let queue = DispatchQueue(label: "tasks by a virtual clock")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
