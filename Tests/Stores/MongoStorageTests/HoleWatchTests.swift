import Testing

@testable import MongoStorage

@Suite struct HoleWatchTests {
  private let start = ContinuousClock.now

  private func newWatch() -> HoleWatch {
    HoleWatch(
      limits: (min: .seconds(1), max: .seconds(10)),
      interval: (min: .milliseconds(2), max: .milliseconds(100)))
  }

  private func found(
    _ watch: inout HoleWatch, _ positions: Range<UInt64>, now: ContinuousClock.Instant
  ) -> HoleWatch.Decision { watch.found(positions, now: now) }

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
    watch.passed(5...5, now: start + .milliseconds(900))
    #expect(watch.patience == .milliseconds(3600))
  }

  @Test func whatIsLeftOfAHoleKeepsItsAge() {
    var watch = newWatch()
    _ = watch.found(5..<9, now: start)
    let decision = watch.found(7..<9, now: start + .seconds(1))
    #expect(decision == .fill)
  }

  @Test func readersAtSeveralHolesDoNotMakeEachOtherWait() {
    var watch = newWatch()
    for step in 0..<10 {
      let now = start + .milliseconds(100) * step
      #expect(found(&watch, 5..<6, now: now) != .fill)
      #expect(found(&watch, 100..<101, now: now) != .fill)
      watch.passed(200...300, now: now)
    }
    #expect(found(&watch, 5..<6, now: start + .seconds(1)) == .fill)
    #expect(found(&watch, 100..<101, now: start + .seconds(1)) == .fill)
  }

  @Test func aHoleThatReadersFillTeachesNothing() {
    var watch = newWatch()
    _ = watch.found(5..<6, now: start)
    #expect(found(&watch, 5..<6, now: start + .seconds(1)) == .fill)
    watch.passed(5...6, now: start + .seconds(1))
    #expect(watch.patience == .seconds(1))
  }

  @Test func ofTooManyHolesTheOneThatNobodyStandsAtIsForgotten() {
    var watch = newWatch()
    _ = watch.found(5..<6, now: start)
    for number in 1...UInt64(Limits.holesWatched) {
      _ = watch.found(number * 10..<number * 10 + 1, now: start + .milliseconds(1))
    }
    #expect(found(&watch, 20..<21, now: start + .seconds(2)) == .fill)
    #expect(found(&watch, 5..<6, now: start + .seconds(2)) != .fill)
  }

  @Test func anotherHoleHasAnAgeOfItsOwn() {
    var watch = newWatch()
    _ = watch.found(5..<6, now: start)
    let decision = watch.found(7..<9, now: start + .seconds(1))
    #expect(decision != .fill)
  }
}
