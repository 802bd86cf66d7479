import HTTP2
import NIOCore
import Synchronization

/// Runs tasks on an event loop, and flushes each connection once for everything that they wrote.
///
/// All work on a loop comes in *passes*. One pass is: what was read, every task that became ready
/// by it, and one flush for each connection with something to send. A read begins a pass; so does
/// anything that happens outside of one. Measured against a hop for each task and a write for each
/// answer, this saves several microseconds a call.
///
/// What other threads hand over is gathered: they wake the loop once, and not at all while it is
/// about to look for more by itself.
///
/// Tasks in the background have their *turns* after all passes: as long as they have waited, so
/// that they keep up with what calls give them to do; then the loop looks at its sockets again.
///
/// `@unchecked Sendable`: everything but `eventLoop` and `handedOver` is touched only on the loop's
/// thread.
final class LoopExecutor: TaskExecutor, @unchecked Sendable {
  /// After so many rounds a pass lets the loop look at its sockets again, whatever is still to do.
  private static let roundsMax = 64
  /// How long a turn takes, save for the task that runs.
  private static let turnDuration = (min: Duration.microseconds(200), max: Duration.milliseconds(2))
  /// More than a loop takes from one thing that it does to the next.
  private static let moment = TimeAmount.microseconds(20)

  private struct HandedOver {
    var jobs: [UnownedJob] = []
    var inBackground: [UnownedJob] = []
    /// The loop looks here again before it sleeps.
    var isAttended = false
  }

  let eventLoop: any EventLoop
  /// Where every connection of the loop writes to on its way to the socket, by way of `output`.
  var staging = ByteBuffer()
  let output = OutputBuffer()
  /// Used on the loop's thread alone, as all of these.
  let timers: CallTimers

  private let handedOver = Mutex(HandedOver())
  private var jobs: [UnownedJob] = []
  private var running: [UnownedJob] = []
  private var dirty: [Connection] = []
  private var isInPass = false
  /// A pass will come by itself.
  private var isPassExpected = false

  private var background = JobQueue()
  /// What tasks in the background prefer; set before there are any.
  private var backgroundExecutor: UnownedTaskExecutor?
  private var isTurnExpected = false
  /// Since when tasks in the background wait for their turn.
  private var waitingSince = ContinuousClock.now

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    timers = CallTimers(eventLoop)
  }

  /// Is told once, before any other thread knows of it.
  func runInBackground(tasksPreferring executor: UnownedTaskExecutor) {
    backgroundExecutor = executor
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if eventLoop.inEventLoop {
      jobs.append(job)
      expectPass()
    } else {
      handOver { $0.jobs.append(job) }
    }
  }

  /// Has a job run behind everything that calls ask for.
  func enqueueInBackground(_ job: UnownedJob) {
    if eventLoop.inEventLoop {
      background.append(job)
      expectTurn()
    } else {
      handOver { $0.inBackground.append(job) }
    }
  }

  /// Runs at once if this is the loop's thread, else soon.
  func run(_ body: @escaping @Sendable () -> Void) {
    if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
  }

  /// A connection has something to send at the end of the pass.
  func flushLater(_ connection: Connection) {
    dirty.append(connection)
    expectPass()
  }

  /// A read began, and `pass` will be called at its end.
  func beginRead() { isPassExpected = true }

  /// Runs every task that is ready and flushes every connection, until there is nothing of either.
  func pass() {
    guard !isInPass else { return }
    isInPass = true
    var rounds = 0
    var isMoreToDo: Bool
    repeat {
      let mayComeMore = takeWhatWasHandedOver()
      runJobs()
      flush()
      rounds += 1
      isMoreToDo = mayComeMore || !jobs.isEmpty || !dirty.isEmpty
    } while isMoreToDo && rounds < Self.roundsMax
    isInPass = false
    isPassExpected = false
    if isMoreToDo {
      isPassExpected = true
      afterSockets { self.pass() }
    }
    if !background.isEmpty { expectTurn() }
  }
}

// MARK: - What a pass is made of

extension LoopExecutor {
  /// The first who hands something over wakes the loop, for all that comes until it has looked.
  private func handOver(_ leave: (inout HandedOver) -> Void) {
    let mustWake = handedOver.withLock { handedOver in
      leave(&handedOver)
      defer { handedOver.isAttended = true }
      return !handedOver.isAttended
    }
    if mustWake { eventLoop.execute { self.pass() } }
  }

  /// - Returns: whether to look again: until it says no, nobody wakes the loop.
  private func takeWhatWasHandedOver() -> Bool {
    handedOver.withLock { handedOver in
      guard handedOver.isAttended else { return false }
      handedOver.isAttended = !handedOver.jobs.isEmpty || !handedOver.inBackground.isEmpty
      if jobs.isEmpty {
        swap(&jobs, &handedOver.jobs)
      } else {
        jobs += handedOver.jobs
        handedOver.jobs.removeAll(keepingCapacity: true)
      }
      background.append(contentsOf: handedOver.inBackground)
      handedOver.inBackground.removeAll(keepingCapacity: true)
      return handedOver.isAttended
    }
  }

  private func expectPass() {
    guard !isInPass, !isPassExpected else { return }
    isPassExpected = true
    eventLoop.execute { self.pass() }
  }

  private func runJobs() {
    let executor = asUnownedTaskExecutor()
    var rounds = 0
    while !jobs.isEmpty, rounds < Self.roundsMax {
      swap(&jobs, &running)
      for job in running { job.runSynchronously(on: executor) }
      running.removeAll(keepingCapacity: true)
      rounds += 1
    }
  }

  private func flush() {
    guard !dirty.isEmpty else { return }
    let connections = dirty
    dirty.removeAll(keepingCapacity: true)
    for connection in connections { connection.flush() }
  }

  /// A loop does all that it is told to do at once before it looks at its sockets, however often it
  /// is told. What is due a moment later comes after them.
  private func afterSockets(_ body: @escaping @Sendable () -> Void) {
    eventLoop.scheduleTask(in: Self.moment, body)
  }
}

// MARK: - Tasks in the background

extension LoopExecutor {
  private func expectTurn() {
    guard !isInPass, !isTurnExpected else { return }
    isTurnExpected = true
    waitingSince = .now
    eventLoop.execute { self.turn() }
  }

  /// Runs tasks in the background for a while, and a pass for what they wrote.
  private func turn() {
    guard let executor = backgroundExecutor else {
      preconditionFailure("who hands over tasks for the background says what they prefer")
    }
    let start = ContinuousClock.now
    let (shortest, longest) = Self.turnDuration
    let end = start + min(max(start - waitingSince, shortest), longest)
    isInPass = true
    while let job = background.popFirst() {
      job.runSynchronously(on: executor)
      if ContinuousClock.now >= end { break }
    }
    isInPass = false
    waitingSince = .now
    pass()
    isTurnExpected = !background.isEmpty
    if isTurnExpected { afterSockets { self.turn() } }
  }
}

/// Jobs, first come, first served.
private struct JobQueue {
  private var incoming: [UnownedJob] = []
  private var outgoing: [UnownedJob] = []
  /// Of `outgoing`; those before it are gone.
  private var first = 0

  var isEmpty: Bool { incoming.isEmpty && first == outgoing.count }

  mutating func append(_ job: UnownedJob) { incoming.append(job) }
  mutating func append(contentsOf jobs: [UnownedJob]) { incoming += jobs }

  mutating func popFirst() -> UnownedJob? {
    if first == outgoing.count {
      outgoing.removeAll(keepingCapacity: true)
      first = 0
      swap(&incoming, &outgoing)
      if outgoing.isEmpty { return nil }
    }
    defer { first += 1 }
    return outgoing[first]
  }
}
