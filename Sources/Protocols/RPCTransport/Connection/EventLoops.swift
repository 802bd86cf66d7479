import NIOCore
import NIOPosix
import Synchronization

/// The network threads of a process, each with an executor for handlers.
///
/// Servers and channels that share one object serve a call, and the calls it makes, on one thread,
/// without a hop.
///
/// As an executor, it runs background tasks: on these threads, without a hop to make a call, but
/// after the work of calls. Such a task must suspend often.
public final class EventLoops: TaskExecutor {
  public let group: MultiThreadedEventLoopGroup
  private let executors: [ObjectIdentifier: LoopExecutor]
  let all: [LoopExecutor]
  private let turn = Atomic(0)

  /// Starts this many threads, until `shutdown`.
  public convenience init(threads: Int) {
    self.init(MultiThreadedEventLoopGroup(numberOfThreads: threads))
  }

  /// Uses the threads of a group. The group's owner shuts it down.
  public init(_ group: MultiThreadedEventLoopGroup) {
    self.group = group
    all = group.makeIterator().map { LoopExecutor($0) }
    executors = Dictionary(uniqueKeysWithValues: all.map { (ObjectIdentifier($0.eventLoop), $0) })
    for executor in all { executor.runInBackground(tasksPreferring: asUnownedTaskExecutor()) }
  }

  /// A task stays on the thread that woke it; from other threads, tasks are spread.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor =
      current ?? all[turn.wrappingAdd(1, ordering: .relaxed).oldValue % all.count]
    executor.enqueueInBackground(job)
  }

  /// Runs tasks on this loop; nil if it is not one of these. Blocking work must stay off it.
  public func executor(of loop: any EventLoop) -> (any TaskExecutor)? {
    executors[ObjectIdentifier(loop)]
  }

  /// Runs tasks on one of these loops.
  package func executor(on loop: any EventLoop) -> any TaskExecutor { loopExecutor(of: loop) }

  /// Ends the threads. Close servers and channels first.
  public func shutdown() async throws {
    try await group.shutdownGracefully()
  }

  /// The executor of the current thread; nil on any other thread.
  var current: LoopExecutor? {
    MultiThreadedEventLoopGroup.currentEventLoop.flatMap { executors[ObjectIdentifier($0)] }
  }

  /// The next executor, in turn.
  func next() -> LoopExecutor { loopExecutor(of: group.next()) }

  func loopExecutor(of loop: any EventLoop) -> LoopExecutor {
    guard let executor = executors[ObjectIdentifier(loop)] else {
      preconditionFailure("a channel runs on one of the loops that its bootstrap was given")
    }
    return executor
  }
}
