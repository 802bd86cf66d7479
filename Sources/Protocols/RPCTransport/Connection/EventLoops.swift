import NIOCore
import NIOPosix

/// The threads of the process's networking, each with the executor that runs handlers on it.
///
/// Servers and channels that share one serve a call, and the calls it makes, on one thread, without
/// a hop.
public final class EventLoops: Sendable {
  public let group: MultiThreadedEventLoopGroup
  private let executors: [ObjectIdentifier: LoopExecutor]
  let all: [LoopExecutor]

  /// Starts this many threads, until `shutdown`.
  public convenience init(threads: Int) {
    self.init(MultiThreadedEventLoopGroup(numberOfThreads: threads))
  }

  /// Uses the threads of a group, whose owner shuts it down.
  public init(_ group: MultiThreadedEventLoopGroup) {
    self.group = group
    all = group.makeIterator().map { LoopExecutor($0) }
    executors = Dictionary(uniqueKeysWithValues: all.map { (ObjectIdentifier($0.eventLoop), $0) })
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
