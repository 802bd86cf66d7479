import HTTP2
import NIOCore
import Synchronization

/// Runs tasks on an event loop, and flushes each connection once for all that they wrote.
///
/// Work on a loop comes in *passes*. One pass is: the bytes read, every task that they made ready,
/// and one flush for each connection with output. A read begins a pass; so does any event outside
/// of one. Measured against a hop for each task and a write for each answer, this saves several
/// microseconds a call.
///
/// Jobs from other threads are batched: they wake the loop once, and not at all while it is about
/// to look by itself.
///
/// Background tasks get their *turns* after all passes, as long as they have waited, so that they
/// keep up with the work of calls.
///
/// Whatever a pass or a turn leaves waits until the loop has polled its sockets again.
///
/// `@unchecked Sendable`: all but `eventLoop` and `handedOver` is touched only on the loop's
/// thread.
final class LoopExecutor: TaskExecutor, @unchecked Sendable {
  /// After this time a pass lets the loop poll its sockets, even with work left.
  private static let passDuration = Duration.milliseconds(2)
  /// The duration of a turn, not counting its last task.
  private static let turnDuration = (min: Duration.microseconds(200), max: Duration.milliseconds(2))
  /// Longer than a loop takes between two of its tasks.
  private static let moment = Duration.microseconds(20)

  private struct HandedOver {
    var jobs: [UnownedJob] = []
    var inBackground: [UnownedJob] = []
    /// The loop will look here before it sleeps.
    var isAttended = false
  }

  let eventLoop: any EventLoop
  /// The buffer of all connections of the loop on the way to the socket, filled by `output`.
  var staging = ByteBuffer()
  let output = OutputBuffer()
  /// Used only on the loop's thread, as all of these.
  let timers: CallTimers

  private let handedOver = Mutex(HandedOver())
  private var jobs = JobQueue()
  private var dirty: [Connection] = []
  private var isInPass = false
  /// A pass will follow by itself.
  private var isPassExpected = false
  /// The loop goes on with what it left, once it has polled its sockets.
  private var isResumeExpected = false
  /// Whether the sockets were polled since a resume is expected, as far as is known.
  private var hasPolled = false
  /// When the last pass ended since a resume is expected.
  private var restingSince = ContinuousClock.now

  private var background = JobQueue()
  /// The preferred executor of background tasks; set before there are any.
  private var backgroundExecutor: UnownedTaskExecutor?
  private var isTurnExpected = false
  /// Since when background tasks wait for their turn.
  private var waitingSince = ContinuousClock.now

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
    timers = CallTimers(eventLoop)
  }

  /// Called once, before other threads know this object.
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

  /// Queues a job behind the work of calls.
  func enqueueInBackground(_ job: UnownedJob) {
    if eventLoop.inEventLoop {
      background.append(job)
      expectTurn()
    } else {
      handOver { $0.inBackground.append(job) }
    }
  }

  /// Runs at once on the loop's thread, else soon.
  func run(_ body: @escaping @Sendable () -> Void) {
    if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
  }

  /// Flushes the connection at the end of the pass.
  func flushLater(_ connection: Connection) {
    dirty.append(connection)
    expectPass()
  }

  /// A read began; `pass` will be called at its end.
  func beginRead() {
    isPassExpected = true
    hasPolled = true
  }

  /// Runs all ready tasks and flushes all connections, until there are none of either.
  func pass() {
    guard !isInPass else { return }
    isInPass = true
    let end = ContinuousClock.now + Self.passDuration
    var isMoreToDo: Bool
    repeat {
      let mayComeMore = takeWhatWasHandedOver()
      runJobs(until: end)
      flush()
      isMoreToDo = mayComeMore || !jobs.isEmpty || !dirty.isEmpty
    } while isMoreToDo && ContinuousClock.now < end
    isInPass = false
    isPassExpected = isMoreToDo
    if isMoreToDo { expectResume() }
    if isResumeExpected { restingSince = .now }
    if !background.isEmpty { expectTurn() }
  }
}

// MARK: - Parts of a pass

extension LoopExecutor {
  /// The first job of another thread wakes the loop, unless that goes on by itself; later ones
  /// wait until it has looked.
  private func handOver(_ leave: (inout HandedOver) -> Void) {
    let mustWake = handedOver.withLock { handedOver in
      leave(&handedOver)
      defer { handedOver.isAttended = true }
      return !handedOver.isAttended
    }
    if mustWake { eventLoop.execute { if !self.isResumeExpected { self.pass() } } }
  }

  /// - Returns: true if the loop must look again; until it is false, no thread wakes the loop.
  private func takeWhatWasHandedOver() -> Bool {
    handedOver.withLock { handedOver in
      guard handedOver.isAttended else { return false }
      handedOver.isAttended = !handedOver.jobs.isEmpty || !handedOver.inBackground.isEmpty
      jobs.append(contentsOf: handedOver.jobs)
      handedOver.jobs.removeAll(keepingCapacity: true)
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

  /// Runs all ready tasks, and those that they make ready, until about `end`.
  private func runJobs(until end: ContinuousClock.Instant) {
    let executor = asUnownedTaskExecutor()
    var count = 0
    while let job = jobs.popFirst() {
      job.runSynchronously(on: executor)
      count += 1
      // Most tasks are shorter than a look at the clock is worth.
      if count.isMultiple(of: 8), ContinuousClock.now >= end { break }
    }
  }

  private func flush() {
    guard !dirty.isEmpty else { return }
    let connections = dirty
    dirty.removeAll(keepingCapacity: true)
    for connection in connections { connection.flush() }
  }

  /// Goes on after the sockets have been polled.
  private func expectResume() {
    guard !isResumeExpected else { return }
    isResumeExpected = true
    hasPolled = false
    restingSince = .now
    resumeLater()
  }

  /// A loop runs all its due tasks before it polls its sockets. A task that is due slightly later
  /// runs after polling, unless another one ran in between.
  private func resumeLater() {
    eventLoop.execute { [self] in
      eventLoop.scheduleTask(in: TimeAmount(Self.moment)) { [self] in
        guard hasPolled || ContinuousClock.now - restingSince >= Self.moment else {
          return resumeLater()
        }
        isResumeExpected = false
        if isTurnExpected { turn() } else { pass() }
      }
    }
  }
}

// MARK: - Background tasks

extension LoopExecutor {
  private func expectTurn() {
    guard !isInPass, !isTurnExpected else { return }
    isTurnExpected = true
    waitingSince = .now
    if !isResumeExpected { eventLoop.execute { self.turn() } }
  }

  /// Runs background tasks for a while, and a pass for their output.
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
    if isTurnExpected { expectResume() }
  }
}

/// A FIFO queue of jobs.
private struct JobQueue {
  private var incoming: [UnownedJob] = []
  private var outgoing: [UnownedJob] = []
  /// Index into `outgoing`; earlier entries are gone.
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
