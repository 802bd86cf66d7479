import Synchronization
import Testing

@testable import Threads

@Suite(.timeLimit(.minutes(5)))
struct ChangeSignalTests {
  /// Looks so seldom that a test hears of nothing by it.
  private let signal = ChangeSignal<String>(pollInterval: (min: .seconds(600), max: .seconds(600)))

  /// A task that waits, from when it does.
  private func waiter(for topic: String, after number: UInt64) async -> Task<Void, Never> {
    let before = signal.waiterCount
    let task = Task { await signal.wait(for: topic, after: number) { _ in [:] } }
    while signal.waiterCount == before { await Task.yield() }
    return task
  }

  @Test func newsWakesThoseWhoWaitForItAndNobodyElse() async {
    let first = await waiter(for: "a", after: 1)
    let later = await waiter(for: "a", after: 2)
    let other = await waiter(for: "b", after: 1)
    #expect(signal.learn("a", 2))
    await first.value
    #expect(signal.waiterCount == 2)
    #expect(signal.learn("b", 2))
    await other.value
    #expect(signal.learn("a", 3))
    await later.value
    #expect(signal.waiterCount == 0)
  }

  @Test func whatIsKnownIsNoNews() async {
    let waiter = await waiter(for: "a", after: 5)
    #expect(signal.learn("a", 4))
    #expect(!signal.learn("a", 4))
    #expect(!signal.learn("a", 3))
    #expect(signal.waiterCount == 1)
    signal.learn("a", 6)
    await waiter.value
  }

  @Test func whatHasComeAlreadyIsNotWaitedFor() async {
    signal.learn("a", 2)
    await signal.wait(for: "a", after: 1) { _ in [:] }
    await signal.wait(for: "b", after: 1) { _ in ["b": 2] }
  }

  @Test func whoIsCancelledWaitsNoLonger() async {
    let waiter = await waiter(for: "a", after: 0)
    waiter.cancel()
    await waiter.value
    #expect(signal.waiterCount == 0)
  }

  @Test func aClosedSignalLetsAllGo() async {
    let waiters = [await waiter(for: "a", after: 0), await waiter(for: "b", after: 0)]
    signal.close()
    for waiter in waiters { await waiter.value }
    await signal.wait(for: "a", after: 0) { _ in [:] }
  }

  @Test func othersWritesAreLookedFor() async {
    let signal = ChangeSignal<String>(pollInterval: (min: .milliseconds(1), max: .milliseconds(1)))
    let reached = Atomic<UInt64>(0)
    await signal.wait(for: "a", after: 3) { _ in
      ["a": reached.add(1, ordering: .relaxed).newValue]
    }
    #expect(reached.load(ordering: .relaxed) >= 4)
  }

  @Test func allThatIsWaitedForIsLookedForAtOnce() async {
    let signal = ChangeSignal<Int>(pollInterval: (min: .milliseconds(1), max: .milliseconds(1)))
    let looks = Atomic(0)
    let look: ChangeSignal<Int>.Look = { topics in
      if topics.count < 100 { return [:] }
      looks.add(1, ordering: .relaxed)
      return Dictionary(uniqueKeysWithValues: topics.map { ($0, 1) })
    }
    await withDiscardingTaskGroup { group in
      for topic in 0..<100 {
        group.addTask { await signal.wait(for: topic, after: 0, look: look) }
      }
    }
    #expect(looks.load(ordering: .relaxed) == 1)
  }
}
