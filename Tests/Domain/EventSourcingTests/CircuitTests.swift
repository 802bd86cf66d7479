import EventModel
import Testing

@testable import EventSourcing

@Suite struct CircuitTests {
  private let start = ContinuousClock.now

  private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

  @Test func aSingleAggregateThatIsRefusedIsParked() {
    var circuit = Circuit(SubscriptionSettings())
    circuit.refused(root(1), at: at(0))
    let verdict = circuit.judge(root(1), at: at(60))
    #expect(verdict == .park)
  }

  @Test func fewAmongManyThatSucceedAreParked() {
    var circuit = Circuit(SubscriptionSettings())
    for number in 1...4 as ClosedRange<UInt8> { circuit.refused(root(number), at: at(0)) }
    for number in 5...9 as ClosedRange<UInt8> {
      let closes = circuit.succeeded(root(number), at: at(30))
      #expect(!closes)
    }
    let verdict = circuit.judge(root(1), at: at(60))
    #expect(verdict == .park && !circuit.isOpen)
  }

  @Test func successesBeforeTheTrialsBeganDoNotCount() {
    var circuit = Circuit(SubscriptionSettings())
    for number in 10...99 as ClosedRange<UInt8> { _ = circuit.succeeded(root(number), at: at(0)) }
    for number in 1...3 as ClosedRange<UInt8> { circuit.refused(root(number), at: at(1)) }
    let verdict = circuit.judge(root(1), at: at(61))
    #expect(verdict == .down(opened: 3))
  }

  @Test func successesThatAreLongAgoAreForgotten() {
    var circuit = Circuit(SubscriptionSettings())
    circuit.refused(root(1), at: at(0))
    for number in 10...99 as ClosedRange<UInt8> { _ = circuit.succeeded(root(number), at: at(1)) }
    for number in 2...4 as ClosedRange<UInt8> { circuit.refused(root(number), at: at(200)) }
    let verdict = circuit.judge(root(2), at: at(260))
    #expect(verdict == .down(opened: 4))
  }

  private func opened() -> Circuit {
    var circuit = Circuit(SubscriptionSettings())
    for number in 1...3 as ClosedRange<UInt8> { circuit.refused(root(number), at: at(0)) }
    _ = circuit.judge(root(1), at: at(60))
    return circuit
  }

  @Test func whileItIsOpenOneAtATimeIsTriedAndPausesGrow() {
    var circuit = opened()
    let early = circuit.admit(root(1), at: at(60))
    #expect(early == .wait(.seconds(1)))
    let probe = circuit.admit(root(1), at: at(61))
    let other = circuit.admit(root(2), at: at(61))
    let again = circuit.admit(root(1), at: at(61))
    #expect(probe == .go && other == .wait(.seconds(1)) && again == .go)
    circuit.refused(root(1), at: at(62))
    let soon = circuit.admit(root(2), at: at(63))
    let due = circuit.admit(root(2), at: at(64))
    #expect(soon == .wait(.seconds(1)) && due == .go)
    let verdict = circuit.judge(root(2), at: at(64))
    #expect(verdict == .down(opened: nil))
  }

  @Test func anAggregateThatHasNotFailedIsTheNextProbeAtOnce() {
    var circuit = opened()
    let fresh = circuit.admit(root(9), at: at(60))
    #expect(fresh == .go)
    let closes = circuit.succeeded(root(9), at: at(60))
    #expect(closes && !circuit.isOpen)
    let admission = circuit.admit(root(1), at: at(60))
    #expect(admission == .go)
  }

  @Test func aProbeThatGoesAwayLetsOthersProbe() {
    var circuit = opened()
    _ = circuit.admit(root(9), at: at(60))
    circuit.left(root(9))
    let next = circuit.admit(root(8), at: at(60))
    #expect(next == .go)
  }
}

@Suite struct DeliveryTriesTests {
  private struct Refused: Error {}

  @Test(arguments: [2, 3, 8, 20])
  func pausesGrowAndAddUpToTheTimeForTries(tries: Int) {
    var settings = SubscriptionSettings()
    settings.triesMax = tries
    settings.retryDelayMin = .zero
    var state = DeliveryTries(settings)
    var pauses: [Duration] = []
    while true {
      let pause = state.failed(DeliveryFailure(Refused()), random: 0)
      if state.isExhausted { break }
      pauses.append(pause)
    }
    #expect(pauses.count == tries - 1)
    #expect(pauses == pauses.sorted())
    #expect(abs(pauses.reduce(.zero, +) / .seconds(1) - 60) < 0.001)
  }

  @Test func anOutageIsNoTry() {
    var state = DeliveryTries(SubscriptionSettings())
    for _ in 0..<100 {
      _ = state.failed(DeliveryFailure(StorageError(.unavailable, "away")), random: 0)
    }
    #expect(state.count == 0 && !state.isExhausted)
  }

  private func pauseAfterALongOutage(among aggregates: Int) -> Duration {
    var state = DeliveryTries(SubscriptionSettings())
    let away = DeliveryFailure(LogicError.unavailable("away"))
    return (0..<100).map { _ in state.failed(away, among: aggregates, random: .max) }.last!
  }

  @Test func whoWasAwayForLongIsTriedEachSecond() {
    #expect(pauseAfterALongOutage(among: 1) <= .seconds(1))
    #expect(pauseAfterALongOutage(among: 1000) <= .seconds(1))
  }

  @Test func manyAggregatesDoNotTryMoreOften() {
    #expect(pauseAfterALongOutage(among: 8000) > .seconds(7))
  }
}

@Suite struct ParkedFilterTests {
  @Test func itKnowsAllThatAreParkedAndFewOthers() {
    func name(_ number: Int) -> Root {
      Root(Bytes(repeating: 7, count: 12) + (0..<4).map { UInt8(number >> ($0 * 8) & 255) })!
    }
    var filter = ParkedFilter()
    #expect(!filter.mayContain(name(1)))
    for number in 0..<100_000 { filter.insert(name(number)) }
    #expect((0..<100_000).allSatisfy { filter.mayContain(name($0)) })
    let mistaken = (100_000..<200_000).count(where: { filter.mayContain(name($0)) })
    #expect(mistaken < 25_000)
  }
}
