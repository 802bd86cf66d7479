import Testing

@testable import STOMP

/// Which frames a server takes when.
@Suite struct ServerSessionTests {
  private func frame(_ command: String, _ headers: KeyValuePairs<String, String> = [:]) -> Frame {
    Frame(command, headers.map { .init($0.key, $0.value) })
  }

  private func connected() throws -> ServerSession {
    var session = ServerSession()
    guard case .logIn(let connect) = try session.receive(frame("CONNECT")) else {
      throw STOMPError("no CONNECT")
    }
    _ = session.accept(connect, session: "s")
    return session
  }

  private func failure(_ frame: Frame, _ session: ServerSession) -> STOMPError? {
    var session = session
    do {
      _ = try session.receive(frame)
      return nil
    } catch { return error }
  }

  @Test func connectIsAnsweredWithTheVersionWhereOneIsNamed() throws {
    var session = ServerSession()
    let request = try session.receive(
      frame(
        "CONNECT",
        [
          "accept-version": "1.0,1.1,1.2", "heart-beat": "60000,60000", "login": "a",
          "passcode": "b",
        ]))
    let connect = Connect(login: "a", passcode: "b", namesVersions: true, wantsHeartbeats: true)
    #expect(request == .logIn(connect))
    let answer = session.accept(connect, session: "7")
    #expect(answer["version"] == "1.2" && answer["heart-beat"] == "10000,0")
    #expect(answer["session"] == "7" && session.isConnected)
  }

  @Test func aClientThatNamesNoVersionGetsNone() throws {
    var session = ServerSession()
    guard case .logIn(let connect) = try session.receive(frame("STOMP")) else {
      throw STOMPError("no CONNECT")
    }
    #expect(!connect.namesVersions && !connect.wantsHeartbeats)
    #expect(session.accept(connect, session: "7")["version"] == nil)
  }

  @Test(arguments: [
    ("60000,60000", true), ("0,10000", true), ("5000,0", false), ("0,0", false),
  ]) func onlyWhoWantsHeartbeatsGetsSome(_ header: String, _ isWanted: Bool) {
    #expect(Heartbeat.isWanted(header) == isWanted)
  }

  @Test(arguments: ["", "1", "1,2,3", "a,b", "-1,0", "1,99999999999999999999"])
  func aMalformedHeartbeatIsRefused(_ header: String) {
    #expect(failure(frame("CONNECT", ["heart-beat": header]), ServerSession()) != nil)
  }

  @Test func requestsAreRead() throws {
    var session = try connected()
    let destination = Frame.Header("destination", "{}")
    #expect(
      try session.receive(
        frame("SUBSCRIBE", ["id": "1", "destination": "{}", "receipt": "r", "session": "x"]))
        == .subscribe(Subscribe(id: "1", destination: destination, receipt: "r")))
    #expect(session.subscriptions == ["1"])
    #expect(try session.receive(frame("ACK", ["id": "x"])) == .acknowledge("x", receipt: nil))
    #expect(
      try session.receive(frame("ACK", ["message-id": "5", "subscription": "1"]))
        == .acknowledge("5", receipt: nil))
    #expect(try session.receive(frame("NACK", ["id": "x"])) == .nothing(receipt: nil))
    #expect(
      try session.receive(frame("UNSUBSCRIBE", ["id": "1", "receipt": "u"]))
        == .unsubscribe("1", receipt: "u"))
    #expect(session.subscriptions.isEmpty)
    #expect(
      try session.receive(frame("DISCONNECT", ["receipt": "d"])) == .disconnect(receipt: "d"))
    #expect(failure(frame("ACK", ["id": "x"]), session) != nil)
  }

  @Test(arguments: [
    ("SEND", "not supported"), ("BEGIN", "not supported"), ("MESSAGE", "not a command"),
    ("CONNECT", "already"), ("SUBSCRIBE", "no id"), ("ACK", "no id"), ("UNSUBSCRIBE", "no id"),
  ]) func whatMayNotComeIsRefusedWithItsReceipt(_ command: String, _ reason: String) throws {
    let error = try #require(failure(frame(command, ["receipt": "r"]), try connected()))
    #expect(error.message.contains(reason))
    #expect(error.frame["receipt-id"] == "r" && error.frame["message"] == error.message)
  }

  @Test func theFirstFrameIsConnect() throws {
    #expect(failure(frame("SUBSCRIBE"), ServerSession())?.message.contains("CONNECT") == true)
    var session = ServerSession()
    _ = try session.receive(frame("CONNECT"))
    #expect(failure(frame("ACK", ["id": "1"]), session)?.message.contains("CONNECTED") == true)
    #expect(failure(frame("CONNECT", ["accept-version": "2.0"]), ServerSession()) != nil)
  }

  @Test func subscriptionsHaveDifferentIDsAndABound() throws {
    var session = try connected()
    for id in 0..<ServerSession.subscriptionsMax {
      _ = try session.receive(frame("SUBSCRIBE", ["id": "\(id)", "destination": "{}"]))
    }
    let again = failure(frame("SUBSCRIBE", ["id": "0", "destination": "{}"]), session)
    #expect(again?.message.contains("already") == true)
    let more = failure(frame("SUBSCRIBE", ["id": "more", "destination": "{}"]), session)
    #expect(more?.message.contains("64") == true)
  }

  @Test func onlyIndividualAcknowledgementsAreTaken() throws {
    let session = try connected()
    let good = ["id": "1", "destination": "{}", "ack": "client-individual"] as KeyValuePairs
    #expect(failure(frame("SUBSCRIBE", good), session) == nil)
    let bad = ["id": "1", "destination": "{}", "ack": "auto"] as KeyValuePairs
    let error = failure(frame("SUBSCRIBE", bad), session)
    #expect(error?.message.contains("client-individual") == true)
  }
}
