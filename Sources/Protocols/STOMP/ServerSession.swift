/// A server's protocol state of one connection: which frames may arrive when, and their content.
///
/// Every session is STOMP 1.2 from its first byte, whatever was negotiated: clients that name no
/// version escape as in 1.2, and acknowledge by `id`.
///
/// A state machine: no waiting, no clock, no I/O.
public struct ServerSession: Sendable {
  private enum State {
    case new
    /// Between CONNECT and CONNECTED.
    case connecting
    case connected
    case ended
  }

  /// Subscriptions of one connection. One more ends the connection.
  public static let subscriptionsMax = 64
  /// Bytes of an id or a receipt.
  static let idByteCountMax = 1024

  private var state = State.new
  /// Ids of the current subscriptions.
  public private(set) var subscriptions: Set<String> = []

  public init() {}

  public var isConnected: Bool { if case .connected = state { true } else { false } }

  /// Takes a frame. An error ends the connection.
  public mutating func receive(_ frame: Frame) throws(STOMPError) -> ServerRequest {
    let receipt = frame["receipt"]
    guard (receipt?.utf8.count ?? 0) <= Self.idByteCountMax else {
      throw STOMPError("receipt is longer than \(Self.idByteCountMax) bytes")
    }
    do throws(STOMPError) {
      switch state {
      case .new: return .logIn(try login(in: frame))
      case .connecting: throw STOMPError("\(frame.command) came before CONNECTED: wait for it")
      case .ended: throw STOMPError("\(frame.command) came after DISCONNECT")
      case .connected: return try receive(frame, receipt)
      }
    } catch {
      throw STOMPError(error.message, receipt: receipt)
    }
  }

  /// Accepts the client; returns the CONNECTED frame.
  public mutating func accept(_ connect: Connect, session: String) -> Frame {
    state = .connected
    var headers: [Frame.Header] = connect.namesVersions ? [.init("version", "1.2")] : []
    headers += [Heartbeat.header, .init("session", session), .init("server", "outrider")]
    return Frame("CONNECTED", headers)
  }

  public static func receipt(_ id: String) -> Frame { Frame("RECEIPT", [.init("receipt-id", id)]) }

  // MARK: Frames

  private mutating func login(in frame: Frame) throws(STOMPError) -> Connect {
    guard frame.command == "CONNECT" || frame.command == "STOMP" else {
      throw STOMPError("the first frame must be CONNECT, got \(frame.command.prefix(64))")
    }
    let versions = frame["accept-version"]
    if let versions {
      let known = versions.split(separator: ",").map { $0.filter { $0 != " " } }
      guard known.contains(where: { ["1.0", "1.1", "1.2"].contains($0) }) else {
        throw STOMPError("accept-version names none of 1.2, 1.1 and 1.0")
      }
    }
    guard let wantsHeartbeats = Heartbeat.isWanted(frame["heart-beat"]) else {
      throw STOMPError("heart-beat must be two numbers of milliseconds, such as 0,10000")
    }
    state = .connecting
    return Connect(
      login: frame["login"], passcode: frame["passcode"], namesVersions: versions != nil,
      wantsHeartbeats: wantsHeartbeats)
  }

  private mutating func receive(
    _ frame: Frame, _ receipt: String?
  ) throws(STOMPError) -> ServerRequest {
    switch frame.command {
    case "SUBSCRIBE": return .subscribe(try subscribe(frame, receipt))
    case "UNSUBSCRIBE":
      let id = try required("id", of: frame)
      subscriptions.remove(id)
      return .unsubscribe(id, receipt: receipt)
    case "ACK":
      guard let id = frame["id"] ?? frame["message-id"] else {
        throw STOMPError("ACK has no id: send the ack header of the MESSAGE")
      }
      return .acknowledge(id, receipt: receipt)
    // Unacknowledged messages are delivered again after the connection has ended.
    case "NACK": return .nothing(receipt: receipt)
    case "DISCONNECT":
      state = .ended
      return .disconnect(receipt: receipt)
    case "CONNECT", "STOMP": throw STOMPError("the connection is connected already")
    case "SEND", "BEGIN", "COMMIT", "ABORT":
      throw STOMPError("\(frame.command) is not supported: events are published over HTTP")
    default: throw STOMPError("\(frame.command.prefix(64)) is not a command of STOMP 1.2")
    }
  }

  private mutating func subscribe(
    _ frame: Frame, _ receipt: String?
  ) throws(STOMPError) -> Subscribe {
    let id = try required("id", of: frame)
    guard let destination = frame.header("destination") else {
      throw STOMPError("SUBSCRIBE has no destination")
    }
    if let ack = frame["ack"], ack != "client-individual" {
      throw STOMPError("ack must be client-individual, or left out, got \"\(ack.prefix(64))\"")
    }
    guard !subscriptions.contains(id) else {
      throw STOMPError("the connection has a subscription of this id already: choose another")
    }
    guard subscriptions.count < Self.subscriptionsMax else {
      throw STOMPError("a connection may have \(Self.subscriptionsMax) subscriptions: open another")
    }
    subscriptions.insert(id)
    return Subscribe(id: id, destination: destination, receipt: receipt)
  }

  private func required(_ name: String, of frame: Frame) throws(STOMPError) -> String {
    guard let value = frame[name], !value.isEmpty else {
      throw STOMPError("\(frame.command) has no \(name)")
    }
    guard value.utf8.count <= Self.idByteCountMax else {
      throw STOMPError("\(name) of \(frame.command) is longer than \(Self.idByteCountMax) bytes")
    }
    return value
  }
}
