import Testing

@testable import SQLiteStorage

@Suite struct ReadingPaceTests {
  private let start = ContinuousClock.now

  private func pace(slow count: Int) -> (ReadingPace, ContinuousClock.Instant) {
    var pace = ReadingPace()
    var now = start
    for _ in 0..<count {
      now += .milliseconds(5)
      pace.note(.milliseconds(5), endingAt: now)
    }
    return (pace, now)
  }

  @Test func quickReadsStayWhereTheyAre() {
    var pace = ReadingPace()
    for _ in 0..<10 { pace.note(.microseconds(900), endingAt: start) }
    let isAllowed = pace.allowsInPlace(at: start)
    #expect(isAllowed)
  }

  @Test func aSlowOneSendsOthersToThreadsForAWhile() {
    var (pace, now) = pace(slow: 1)
    let soon = pace.allowsInPlace(at: now + .milliseconds(19))
    let later = pace.allowsInPlace(at: now + .milliseconds(20))
    #expect(!soon && later)
  }

  @Test func theMoreAreSlowTheLongerButNotForEver() {
    var (pace, now) = pace(slow: 20)
    let soon = pace.allowsInPlace(at: now + .milliseconds(4999))
    let later = pace.allowsInPlace(at: now + .seconds(5))
    #expect(!soon && later)
  }

  @Test func quickOnesMakeGood() {
    var (pace, now) = pace(slow: 20)
    now += .seconds(5)
    for _ in 0..<100 { pace.note(.microseconds(3), endingAt: now) }
    pace.note(.milliseconds(2), endingAt: now)
    let isAllowed = pace.allowsInPlace(at: now + .milliseconds(20))
    #expect(isAllowed)
  }
}
