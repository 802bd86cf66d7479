import Testing

@testable import RabbitMQChannel

@Suite struct ConfirmsTests {
  /// Confirms of messages whose positions are ten times their tags.
  private func confirms(_ count: UInt64) -> Confirms {
    var confirms = Confirms()
    for tag in 1...count { confirms.published(tag * 10) }
    return confirms
  }

  @Test func singleConfirmsMoveOn() {
    var confirms = confirms(3)
    let moved = [confirms.confirm(1, upTo: false), confirms.confirm(2, upTo: false)]
    #expect(moved == [10, 20])
  }

  @Test func oneConfirmStandsForAllBeforeIt() {
    var confirms = confirms(5)
    let moved = [confirms.confirm(4, upTo: true), confirms.confirm(5, upTo: true)]
    #expect(moved == [40, 50])
  }

  @Test func aConfirmAheadOfOthersMovesNothingUntilTheyCome() {
    var confirms = confirms(3)
    let moved = [
      confirms.confirm(3, upTo: false), confirms.confirm(2, upTo: false),
      confirms.confirm(1, upTo: false),
    ]
    #expect(moved == [nil, nil, 30])
  }

  @Test func whatWasConfirmedOrNeverSentIsPassedOver() {
    var confirms = confirms(2)
    let moved = [
      confirms.confirm(2, upTo: true), confirms.confirm(1, upTo: false),
      confirms.confirm(9, upTo: true), confirms.confirm(0, upTo: false),
    ]
    #expect(moved == [20, nil, nil, nil])
  }

  @Test func tagsCountOnAfterManyConfirms() {
    var confirms = Confirms()
    var moved: [UInt64?] = []
    for tag in 1...1000 as ClosedRange<UInt64> {
      confirms.published(tag)
      moved.append(confirms.confirm(tag, upTo: tag % 2 == 0))
    }
    #expect(moved == (1...1000).map { UInt64($0) })
    let unknown = confirms.number(of: 1000)
    #expect(unknown == nil)
  }
}
