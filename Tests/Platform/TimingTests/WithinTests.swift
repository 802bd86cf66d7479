import Testing
import Timing

@Suite(.timeLimit(.minutes(5))) struct WithinTests {
  @Test func valueThatComesInTimeIsReturned() async {
    #expect(await within(.seconds(60)) { 7 } == 7)
  }

  @Test func bodyThatTakesLongerIsCancelled() async {
    let (cancellations, cancelled) = AsyncStream<Void>.makeStream()
    let atOnce: @Sendable (Duration) async throws -> Void = { _ in }
    let value = await within(.zero, sleep: atOnce) {
      try? await Task.sleep(for: .seconds(60))
      cancelled.yield()
      return 7
    }
    #expect(value == nil)
    for await _ in cancellations { break }
  }

  @Test func cancelledWaitEndsAtOnce() async {
    let waiting = Task {
      await within(.seconds(60)) {
        try? await Task.sleep(for: .seconds(60))
        return 7
      }
    }
    waiting.cancel()
    #expect(await waiting.value == nil)
  }
}
