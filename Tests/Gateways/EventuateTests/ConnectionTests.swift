import OutriderTesting
import RPC
import STOMP
import Testing
import Timing

@testable import Eventuate

/// How connections begin and end.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
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
    peer.isReading.change { _ in }
    await Task.yield()
    // The write ends with the connection, as it does with a socket.
    await within(.seconds(2)) { await peer.waitUntilClosed() }
    peer.isReading.change { $0 = true }
    await peer.waitUntilClosed()
    #expect(peer.frames.first?.command == "CONNECTED")
  }

  @Test func heartbeatsAreSentOnAnIdleConnectionOnly() async {
    let sent = Watched<[[UInt8]]>([])
    let outbox = Outbox(pauseAfterHeartbeat: .milliseconds(50), environment: .live) { bytes in
      sent.change { $0.append(bytes) }
    }
    let beating = Task { await outbox.beat(every: .milliseconds(100)) }
    _ = await sent.wait { $0.contains([10]) ? true : nil }
    let began = Environment.live.instant()
    await outbox.send(Frame("RECEIPT"))
    #expect(Environment.live.instant() - began >= .milliseconds(25))
    let bytes = sent.look { $0 }
    #expect(bytes.last == Frame("RECEIPT").bytes && bytes.first == [10])
    beating.cancel()
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
