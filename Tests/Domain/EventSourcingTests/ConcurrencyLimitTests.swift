import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConcurrencyLimitTests {
  @Test func soManyRunAtATimeAndNoMore() async {
    let limit = ConcurrencyLimit(3)
    let running = Counter()
    await withTaskGroup { group in
      for _ in 0..<200 {
        group.addTask {
          await limit.run {
            #expect(running.add(1) <= 3)
            await Task.yield()
            running.add(-1)
          }
        }
      }
    }
    #expect(running.value == 0)
    // All passes were given back.
    await limit.run { await limit.run { await limit.run {} } }
  }

  @Test func whoCameFirstIsServedFirst() async {
    let limit = ConcurrencyLimit(1)
    let (order, served) = AsyncStream.makeStream(of: Int.self)
    await withTaskGroup { group in
      await limit.run {
        for number in 0..<100 {
          group.addTask { await limit.run { _ = served.yield(number) } }
          // It waits before the next one comes.
          while limit.waiting <= number { await Task.yield() }
        }
      }
    }
    served.finish()
    #expect(await order.reduce(into: []) { $0.append($1) } == Array(0..<100))
  }

  @Test func aFailureGivesThePassBack() async {
    struct Failure: Error {}
    let limit = ConcurrencyLimit(1)
    await #expect(throws: Failure.self) { try await limit.run { throw Failure() } }
    await limit.run {}
  }
}
