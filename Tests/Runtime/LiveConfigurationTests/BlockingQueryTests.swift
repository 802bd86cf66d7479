import Testing

@testable import LiveConfiguration

/// The rules of Consul's *Blocking Queries* for clients.
@Suite struct BlockingQueryTests {
  private func index(after answers: UInt64?...) -> UInt64 {
    var query = BlockingQuery()
    for answer in answers { query.take(answer) }
    return query.index
  }

  @Test func firstQueryIsAnsweredAtOnce() {
    #expect(BlockingQuery().index == 0)
  }

  @Test func indexFollowsTheAnswers() {
    #expect(index(after: 7) == 7)
    #expect(index(after: 7, 7) == 7)
    #expect(index(after: 7, .max) == .max)
  }

  @Test func indexThatGoesBackwardsStartsAnew() {
    #expect(index(after: 7, 6) == 0)
    #expect(index(after: 7, 6, 6) == 6)
  }

  @Test func indexThatWouldBeAnsweredAtOnceForEverCountsAsOne() {
    #expect(index(after: 0) == 1)
    #expect(index(after: nil) == 1)
    #expect(index(after: nil, nil) == 1)
  }

  @Test func failureStartsAnew() {
    var query = BlockingQuery()
    query.take(7)
    query.reset()
    #expect(query.index == 0)
  }
}
