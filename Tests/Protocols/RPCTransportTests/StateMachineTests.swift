import Testing

@testable import RPCTransport

@Suite struct KeepaliveTests {
  var keepalive = Keepalive(interval: .seconds(60), timeout: .seconds(20), asksWhenIdle: false)

  @Test mutating func peerThatSpeaksIsNotAsked() {
    keepalive.heard()
    #expect(keepalive.timerFired(hasStreams: true) == .wait(.seconds(60)))
  }

  @Test mutating func silentPeerIsAskedAndThenGivenUp() {
    #expect(keepalive.timerFired(hasStreams: true) == .ping(.seconds(20)))
    #expect(keepalive.timerFired(hasStreams: true) == .giveUp)
  }

  @Test mutating func answerOfAnyKindIsASignOfLife() {
    #expect(keepalive.timerFired(hasStreams: true) == .ping(.seconds(20)))
    keepalive.heard()
    #expect(keepalive.timerFired(hasStreams: true) == .wait(.seconds(60)))
    #expect(keepalive.timerFired(hasStreams: true) == .ping(.seconds(20)))
  }

  @Test mutating func peerIsLeftAloneWithoutACall() {
    #expect(keepalive.timerFired(hasStreams: false) == .wait(.seconds(60)))
  }
}

@Suite struct PingAllowanceTests {
  var pings = PingAllowance(intervalMin: .seconds(10), strikesMax: 2)
  let start = ContinuousClock.now

  /// Which of the pings at these seconds are one too many.
  mutating func verdicts(_ seconds: [Int], framesSent: (Int) -> Int = { _ in 0 }) -> [Bool] {
    seconds.map {
      pings.isOneTooMany(at: start + .seconds($0), streamFramesSent: framesSent($0))
    }
  }

  @Test mutating func thirdPingThatComesTooSoonIsOneTooMany() {
    #expect(verdicts([0, 1, 2, 3]) == [false, false, false, true])
  }

  @Test mutating func patientPingsAreFree() {
    #expect(verdicts([0, 10, 20, 30, 40]) == [false, false, false, false, false])
  }

  @Test mutating func pingThatFollowsDataIsFree() {
    #expect(verdicts([0, 1, 2, 3, 4], framesSent: { $0 }) == [false, false, false, false, false])
  }

  @Test mutating func dataForgivesWhatWasBefore() {
    let verdicts = verdicts([0, 1, 2, 3, 4], framesSent: { $0 < 3 ? 0 : 1 })
    #expect(verdicts == [false, false, false, false, false])
  }
}
