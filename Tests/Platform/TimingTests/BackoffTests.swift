import Testing
import Timing

@Suite struct BackoffTests {
  @Test func delaysGrowToTheirMaximumAndStartAnew() {
    var backoff = Backoff(from: .seconds(1), upTo: .seconds(5), spread: 0.5...1.5)
    let delays = (0..<5).map { _ in backoff.next(fraction: 0.5) }
    #expect(delays == [1, 2, 4, 5, 5].map { Duration.seconds($0) })
    backoff.reset()
    #expect(backoff.next(fraction: 0.5) == .seconds(1))
  }

  @Test func randomBitsSpreadADelay() {
    var (least, most) = (Backoff(from: .seconds(10)), Backoff(from: .seconds(1)))
    least.spread = 0.8...1.2
    most.spread = 0.8...1.2
    #expect(least.next(random: 0) == .seconds(1.6))
    let longest = most.next(random: .max)
    #expect(longest > .seconds(1.19) && longest <= .seconds(1.2))
  }

  @Test func firstDelayIsNoLongerThanTheMaximum() {
    var backoff = Backoff(from: .seconds(10), upTo: .seconds(1), spread: 1...1)
    #expect(backoff.next(random: 7) == .seconds(1))
  }
}
