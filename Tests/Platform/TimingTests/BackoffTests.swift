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
    var (least, most) = (Backoff(from: .seconds(8)), Backoff(from: .seconds(8)))
    (least.delayMax, most.delayMax) = (.seconds(8), .seconds(8))
    (least.spread, most.spread) = (0.75...1.25, 0.75...1.25)
    #expect(least.next(random: 0) == .seconds(6))
    let longest = most.next(random: .max)
    #expect(longest > .milliseconds(9_999) && longest <= .seconds(10))
  }

  @Test func firstDelayIsNoLongerThanTheMaximum() {
    var backoff = Backoff(from: .seconds(10), upTo: .seconds(1), spread: 1...1)
    #expect(backoff.next(random: 7) == .seconds(1))
  }
}
