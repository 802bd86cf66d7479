import EventModel
import Logging
import OutriderTesting
import RPC
import STOMP
import Sidecars
import Synchronization
import Timing

@testable import Eventuate

/// A client of a connection without a socket: it writes and reads frames.
final class STOMPPeer: Sendable {
  private let chunks: AsyncStream<[UInt8]>.Continuation
  private let received = Watched<(frames: [Frame], heartbeats: Int, isClosed: Bool)>(([], 0, false))
  private let task: Task<Void, Never>
  private let isAbandoned = Watched(false)
  /// Held by a test that lets the client read nothing.
  let isReading = Watched(true)

  init(
    _ harness: SidecarHarness, limits: STOMPLimits = .quick,
    activity: EventuateActivity = EventuateActivity(),
    authenticate: @escaping @Sendable (String?, String?) -> Caller? = { _, _ in .anonymous }
  ) {
    let gateway = STOMPGateway(
      harness.eventuateBackends, activity: activity, logger: Logger(label: "test"),
      limits: limits, authenticate: authenticate)
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    chunks = continuation
    let (received, isReading, isAbandoned) = (received, isReading, isAbandoned)
    let connection = STOMPConnection(gateway, peer: "test") { bytes in
      _ = await isReading.wait { $0 ? true : nil }
      var parser = FrameParser(limits: .client)
      var rest = bytes[...]
      while let item = try parser.next(from: &rest) {
        received.change { state in
          if case .frame(let frame) = item { state.frames.append(frame) } else { state.1 += 1 }
        }
      }
    } close: {
      isAbandoned.change { $0 = true }
      continuation.finish()
    }
    task = Task {
      await connection.run(stream)
      received.change { $0.isClosed = true }
    }
  }

  deinit {
    chunks.finish()
    task.cancel()
  }

  var frames: [Frame] { received.look { $0.frames } }
  var heartbeats: Int { received.look { $0.heartbeats } }

  func send(_ command: String, _ headers: KeyValuePairs<String, String> = [:]) {
    send(Frame(command, headers.map { .init($0.key, $0.value) }).bytes)
  }

  func send(_ bytes: [UInt8]) { chunks.yield(bytes) }

  /// Waits for so many frames of the command, and returns all of them.
  func wait(_ count: Int = 1, of command: String) async -> [Frame] {
    await received.wait { state in
      let frames = state.frames.filter { $0.command == command }
      return frames.count >= count || state.isClosed ? frames : nil
    } ?? []
  }

  /// Ends the connection as a client does that closes its socket.
  func leave() async {
    chunks.finish()
    await task.value
  }

  /// Waits until the server closes the socket.
  func waitUntilAbandoned() async { _ = await isAbandoned.wait { $0 ? true : nil } }

  func waitUntilClosed() async { _ = await received.wait { $0.isClosed ? true : nil } }

  func connect() async {
    send("CONNECT", ["accept-version": "1.2", "heart-beat": "0,10000"])
    _ = await wait(of: "CONNECTED")
  }

  /// Subscribes, and waits for the receipt.
  func subscribe(_ destination: String, id: String = "1") async {
    let receipts = frames.count { $0.command == "RECEIPT" }
    send("SUBSCRIBE", ["id": id, "receipt": "r-\(id)", "destination": destination])
    _ = await wait(receipts + 1, of: "RECEIPT")
  }
}

extension STOMPLimits {
  /// For tests that nobody wants to wait for.
  static var quick: STOMPLimits {
    var limits = STOMPLimits()
    limits.refusalHold = .milliseconds(20)
    limits.openingTime = .milliseconds(500)
    limits.openingTimeOfOthers = .milliseconds(50)
    return limits
  }
}
