import NIOCore
import NIOPosix
import Synchronization

/// The threads of the process's networking, each with the executor that runs handlers on it.
///
/// Servers and channels that share one serve a call, and the calls it makes, on one thread, without
/// a hop.
///
/// As an executor, it runs tasks in the background: on these threads, without a hop to make a call,
/// but behind everything that calls ask for. Such a task must not run for long without suspending.
public final class EventLoops: TaskExecutor {
  public let group: MultiThreadedEventLoopGroup
  private let executors: [ObjectIdentifier: LoopExecutor]
  let all: [LoopExecutor]
  private let turn = Atomic(0)

  /// Starts this many threads, until `shutdown`.
  public convenience init(threads: Int) {
    self.init(MultiThreadedEventLoopGroup(numberOfThreads: threads))
  }

  /// Uses the threads of a group, whose owner shuts it down.
  public init(_ group: MultiThreadedEventLoopGroup) {
    self.group = group
    all = group.makeIterator().map { LoopExecutor($0) }
    executors = Dictionary(uniqueKeysWithValues: all.map { (ObjectIdentifier($0.eventLoop), $0) })
    for executor in all { executor.runInBackground(tasksPreferring: asUnownedTaskExecutor()) }
  }

  /// A task stays on the thread that has woken it; other threads spread theirs.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor =
      current ?? all[turn.wrappingAdd(1, ordering: .relaxed).oldValue % all.count]
    executor.enqueueInBackground(job)
  }

  /// Runs tasks on the event loops; nil picks none of them. Work that blocks must stay off it.
  public func executor(of loop: any EventLoop) -> (any TaskExecutor)? {
    executors[ObjectIdentifier(loop)]
  }

  /// Runs tasks on a loop that is one of these.
  package func executor(on loop: any EventLoop) -> any TaskExecutor { loopExecutor(of: loop) }

  /// Ends the threads. Servers and channels are to be closed before.
  public func shutdown() async throws {
    try await group.shutdownGracefully()
  }

  /// The executor of the thread that this is called on; nil if that is none of these threads.
  var current: LoopExecutor? {
    MultiThreadedEventLoopGroup.currentEventLoop.flatMap { executors[ObjectIdentifier($0)] }
  }

  /// The executor whose turn it is.
  func next() -> LoopExecutor { loopExecutor(of: group.next()) }

  func loopExecutor(of loop: any EventLoop) -> LoopExecutor {
    guard let executor = executors[ObjectIdentifier(loop)] else {
      preconditionFailure("a channel runs on one of the loops that its bootstrap was given")
    }
    return executor
  }
}
