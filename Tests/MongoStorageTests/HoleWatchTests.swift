import Testing

@testable import MongoStorage

@Suite struct HoleWatchTests {
  private let start = ContinuousClock.now

  private func newWatch() -> HoleWatch {
    HoleWatch(
      limits: (min: .seconds(1), max: .seconds(10)),
      interval: (min: .milliseconds(2), max: .milliseconds(100)))
  }

  @Test func aHoleIsFilledAfterASecondAndNotBefore() {
    var watch = newWatch()
    var waited = Duration.zero
    while true {
      guard case .wait(let pause) = watch.found(5..<6, now: start + waited) else { break }
      #expect(pause > .zero && pause <= .milliseconds(100))
      waited += pause
    }
    #expect(waited == .seconds(1))
  }

  @Test func slowInsertsAreGivenMoreTimeButNotForEver() {
    var watch = newWatch()
    watch.learn(.seconds(1))
    #expect(watch.patience == .seconds(4))
    watch.learn(.seconds(60))
    #expect(watch.patience == .seconds(10))
    for _ in 0..<500 { watch.learn(.milliseconds(5)) }
    #expect(watch.patience == .seconds(1))
  }

  @Test func aHoleThatClosedTeachesHowLongItTook() {
    var watch = newWatch()
    _ = watch.found(5..<6, now: start)
    watch.passed(5, now: start + .milliseconds(900))
    #expect(watch.patience == .milliseconds(3600))
  }

  @Test func whatIsLeftOfAHoleKeepsItsAge() {
    var watch = newWatch()
    _ = watch.found(5..<9, now: start)
    let decision = watch.found(7..<9, now: start + .seconds(1))
    #expect(decision == .fill)
  }

  @Test func anotherHoleHasAnAgeOfItsOwn() {
    var watch = newWatch()
    _ = watch.found(5..<6, now: start)
    let decision = watch.found(7..<9, now: start + .seconds(1))
    #expect(decision != .fill)
  }
}
