import OutriderTesting
import RPC
import STOMP
import Testing
import Timing

@testable import Eventuate

/// How connections begin and end.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
  private let harness = SidecarHarness(domains: nil) { _ in [] }

  @Test func whoProvesNothingIsHeldAndRefused() async {
    var limits = STOMPLimits.quick
    limits.refusalHold = .milliseconds(300)
    let peer = STOMPPeer(harness, limits: limits) { login, passcode in
      login == "key" && passcode == "secret" ? .anonymous : nil
    }
    let began = Environment.live.instant()
    peer.send("CONNECT", ["login": "key", "passcode": "wrong"])
    #expect(await peer.wait(of: "ERROR").first?["message"]?.contains("API key") == true)
    await peer.waitUntilClosed()
    #expect(Environment.live.instant() - began >= .milliseconds(300))
  }

  @Test func whoProvesWhoItIsIsLetIn() async {
    let peer = STOMPPeer(harness) { login, passcode in
      login == "key" && passcode == "secret" ? .anonymous : nil
    }
    peer.send("CONNECT", ["login": "key", "passcode": "secret", "heart-beat": "5000,5000"])
    let connected = await peer.wait(of: "CONNECTED")
    #expect(connected.first?["heart-beat"] == "10000,0" && connected.first?["version"] == nil)
  }

  @Test func aClientThatDoesNotConnectIsGivenUp() async {
    var limits = STOMPLimits.quick
    limits.connectTime = .milliseconds(20)
    let peer = STOMPPeer(harness, limits: limits)
    await peer.waitUntilClosed()
    #expect(peer.frames.isEmpty)
  }

  @Test(arguments: [
    "SUBSCRIBE\nid:1\ndestination:{}\n\n\0", "SEND\ndestination:x\n\n\0", "NONSENSE\n\n\0",
    "SUBSCRIBE\nid:1\n\n\0", "\0",
  ]) func whatIsWrongEndsTheConnection(_ text: String) async {
    let peer = STOMPPeer(harness)
    await peer.connect()
    peer.send(Array(text.utf8))
    #expect(await peer.wait(of: "ERROR").count == 1)
    await peer.waitUntilClosed()
  }

  @Test(arguments: [(1, 10), (10, 1)])
  func feedsAreBounded(_ ofOne: Int, _ ofAll: Int) async {
    var limits = STOMPLimits.quick
    (limits.feedsMax, limits.allFeedsMax) = (ofOne, ofAll)
    let peer = STOMPPeer(harness, limits: limits)
    await peer.connect()
    let begin = #"{"subscriberId":"s","entityTypesAndEvents":{"A":["E"]}}"#
    await peer.subscribe(begin)
    peer.send("SUBSCRIBE", ["id": "2", "destination": begin])
    #expect(await peer.wait(of: "ERROR").first?["message"]?.contains("entity types") == true)
  }

  @Test func anErrorNamesTheReceipt() async {
    let peer = STOMPPeer(harness)
    await peer.connect()
    peer.send("SUBSCRIBE", ["id": "1", "receipt": "r", "destination": "{}"])
    #expect(await peer.wait(of: "ERROR").first?["receipt-id"] == "r")
  }

  @Test func aClientThatReadsNothingIsGivenUp() async {
    var limits = STOMPLimits.quick
    limits.connectTime = .milliseconds(100)
    limits.stallTimeMax = .milliseconds(100)
    let peer = STOMPPeer(harness, limits: limits)
    await peer.connect()
    peer.isReading.change { $0 = false }
    peer.send("ACK", ["id": "x", "receipt": "r"])
    await peer.waitUntilAbandoned()
    peer.isReading.change { $0 = true }
    await peer.waitUntilClosed()
  }

  /// The clock goes on only while somebody waits.
  @Test func nothingFollowsAHeartbeatAtOnce() async {
    let clock = Watched((now: ContinuousClock.now, slept: [Duration]()))
    let environment = Environment(
      now: Environment.live.now, instant: { clock.look { $0.now } },
      sleep: { duration in
        try Task.checkCancellation()
        clock.change { $0 = ($0.now + duration, $0.slept + [duration]) }
        await Task.yield()
      }, random: { 0 })
    let sent = Watched<[[UInt8]]>([])
    let outbox = Outbox(pauseAfterHeartbeat: .seconds(1), environment: environment) { bytes in
      sent.change { $0.append(bytes) }
    }
    let beating = Task { await outbox.beat(every: .milliseconds(100)) }
    _ = await sent.wait { $0.contains(Frame.heartbeat) ? true : nil }
    beating.cancel()
    await beating.value
    clock.change { $0.slept = [] }
    await outbox.send(Frame("RECEIPT"))
    await outbox.send(Frame("ERROR"))
    #expect(clock.look { $0.slept }.reduce(.zero, +) >= .milliseconds(900))
    #expect(sent.look { $0.suffix(2) } == [Frame("RECEIPT").bytes, Frame("ERROR").bytes])
    #expect(sent.look { $0.dropLast(2).allSatisfy { $0 == Frame.heartbeat } })
  }

  @Test func whatGoesOnIsCounted() async {
    let activity = EventuateActivity()
    let peer = STOMPPeer(harness, activity: activity)
    await peer.connect()
    await peer.subscribe(#"{"subscriberId":"s","entityTypesAndEvents":{"A":["E"]}}"#)
    #expect(activity.connections == 1 && activity.subscriptions == 1)
    await peer.leave()
    #expect(activity.connections == 0 && activity.subscriptions == 0)
    #expect(activity.unacknowledged == 0 && activity.delivered == 0)
  }
}
