import EventModel
import Testing

@testable import EventSourcing

@Suite struct KnownAggregateTests {
  @Test func whereTheWholeStreamWasSeenANewIdIsNew() {
    var known = KnownAggregate(Aggregate(cover: cover(1)))
    known.apply(commit(at: 0, "a", commandID: "x"))
    #expect(known.mayHold("x"))
    #expect(!known.mayHold("y") && !known.mayHold(nil))
  }

  @Test func whatWasLoadedMayHoldAnyId() {
    var aggregate = Aggregate(cover: cover(1))
    aggregate.apply(commit(at: 0, "a", commandID: "x"))
    let known = KnownAggregate(aggregate)
    #expect(known.mayHold("x") && known.mayHold("y") && !known.mayHold(nil))
  }

  @Test func idsOfALongStreamAreForgottenRatherThanDenied() {
    var known = KnownAggregate(Aggregate(cover: cover(1)))
    for number in 0..<300 as Range<UInt32> {
      known.apply(commit(at: SequenceNumber(number), "a", commandID: "\(number)"))
    }
    #expect(known.mayHold("0") && known.mayHold("299"))
  }
}
