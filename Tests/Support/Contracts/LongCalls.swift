import Dispatch
import Synchronization
import Testing

/// Calls of a store that occupy their threads until they are told to end, and not for ever.
public final class LongCalls: Sendable {
  private let tasks = Mutex<[Task<Void, any Error>]>([])
  private let begunCount = Atomic(0)
  private let gate = DispatchSemaphore(value: 0)
  private let deadline = DispatchTime.now() + 240

  public init() {}

  /// How many have a thread, or had one.
  public var begun: Int { begunCount.load(ordering: .relaxed) }

  /// - Parameter call: makes a call of the store that runs what it is given on its thread.
  public func begin(
    _ count: Int, _ call: @escaping @Sendable (@escaping @Sendable () -> Void) async throws -> Void
  ) {
    for _ in 0..<count {
      let task = Task {
        try await call {
          self.begunCount.add(1, ordering: .relaxed)
          // Each lets the next one pass.
          _ = self.gate.wait(timeout: self.deadline)
          self.gate.signal()
        }
      }
      tasks.withLock { $0.append(task) }
    }
  }

  public func untilBegun(_ count: Int) async throws {
    while begun < count {
      try #require(DispatchTime.now() < deadline, "the calls do not begin")
      await Task.yield()
    }
  }

  public func end() async throws {
    gate.signal()
    for task in tasks.withLock({ $0 }) { try await task.value }
  }
}
