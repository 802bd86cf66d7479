import Synchronization
import Testing
import Timing

@Suite(.timeLimit(.minutes(1))) struct SuspensionTests {
  private final class Place: Sendable {
    private let waiter = Mutex<CheckedContinuation<Void, Never>?>(nil)
    /// Tells when somebody waits.
    let (begun, hasBegun) = AsyncStream<Void>.makeStream()

    func wait(unless isOver: Bool = false) async {
      await suspend { waiter in
        if isOver { return false }
        self.waiter.withLock { $0 = waiter }
        hasBegun.yield()
        return true
      } takeBack: {
        take()
      }
    }

    func take() -> CheckedContinuation<Void, Never>? { waiter.withLock { $0.take() } }
  }

  @Test func whoeverHasNothingToWaitForGoesOn() async {
    let place = Place()
    await place.wait(unless: true)
    #expect(place.take() == nil)
  }

  @Test func whoeverWaitsIsResumed() async {
    let place = Place()
    async let waiting: Void = place.wait()
    for await _ in place.begun { break }
    let waiter = place.take()
    #expect(waiter != nil)
    waiter?.resume()
    await waiting
    #expect(place.take() == nil)
  }

  @Test func cancellationEndsTheWait() async {
    let place = Place()
    let task = Task { await place.wait() }
    for await _ in place.begun { break }
    task.cancel()
    await task.value
    #expect(place.take() == nil)
  }

  @Test func aTaskThatIsCancelledAlreadyDoesNotWait() async {
    let place = Place()
    await withDiscardingTaskGroup { group in
      group.cancelAll()
      group.addTask { await place.wait() }
    }
    #expect(place.take() == nil)
  }
}
