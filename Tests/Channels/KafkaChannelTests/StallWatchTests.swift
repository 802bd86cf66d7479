import Testing

@testable import KafkaChannel

@Suite(.timeLimit(.minutes(5))) struct StallWatchTests {
  private let start = ContinuousClock.now

  @Test func aBrokerThatConfirmsNothingIsGivenUp() {
    var watch = StallWatch(now: start)
    let early = watch.stall(outstanding: 1, now: start + Limits.stallMax)
    #expect(early == nil)
    let late = watch.stall(outstanding: 1, now: start + Limits.stallMax + .milliseconds(1))
    #expect(late != nil)
  }

  @Test func whereNothingIsOutstandingNothingStalls() {
    var watch = StallWatch(now: start)
    watch.lostConnections()
    let later = start + .seconds(3600)
    let idle = watch.stall(outstanding: 0, now: later)
    let begun = watch.stall(outstanding: 1, now: later + Limits.outageMax)
    #expect(idle == nil && begun == nil)
  }

  @Test func lostConnectionsShortenThePatienceUntilSomethingIsDelivered() {
    var watch = StallWatch(now: start)
    watch.lostConnections()
    let soon = start + Limits.outageMax + .milliseconds(1)
    let cutOff = watch.stall(outstanding: 1, now: soon)
    #expect(cutOff != nil)
    watch.progressed(now: soon)
    let recovered = watch.stall(outstanding: 1, now: soon + Limits.outageMax * 2)
    #expect(recovered == nil)
  }

  @Test func aTicketTellsSessionAndMessage() {
    for session in [1, 77, Ticket.sessionMax] {
      for index in [0, 1, 1 << 40 - 1] as [UInt64] {
        let ticket = Ticket(Ticket(session: session, index: index).value)
        #expect(ticket.session == session && ticket.index == index)
      }
    }
  }
}
