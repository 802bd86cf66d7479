import EventModel
import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct LanesTests {
  @Test func oneRootsWorkRunsInOrderAndNeverAtOnce() async throws {
    let lanes = Lanes(waitersMax: 1000)
    let running = Counter()
    try await withThrowingTaskGroup { group in
      for _ in 0..<100 {
        group.addTask {
          try await lanes.run(on: root(1)) {
            #expect(running.add(1) == 1)
            await Task.yield()
            running.add(-1)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func otherRootsRunBeside() async throws {
    let lanes = Lanes(waitersMax: 0)
    let inner = try await lanes.run(on: root(1)) {
      try await lanes.run(on: root(2)) { "beside" }
    }
    #expect(inner == "beside")
  }

  @Test func aWaiterThatIsCancelledLeavesTheLane() async throws {
    let lanes = Lanes(waitersMax: 10)
    try await lanes.run(on: root(1)) {
      let waiter = Task { try await lanes.run(on: root(1)) {} }
      waiter.cancel()
      await #expect(throws: CancellationError.self) { try await waiter.value }
    }
    try await lanes.run(on: root(1)) {}
  }

  @Test func aLaneIsFreeAgainAfterAFailure() async throws {
    struct Failure: Error {}
    let lanes = Lanes(waitersMax: 0)
    await #expect(throws: Failure.self) { try await lanes.run(on: root(1)) { throw Failure() } }
    try await lanes.run(on: root(1)) {}
  }
}
