import RPC
import Synchronization
import Timing
import UnixSignals
import Wire

/// A call of `Subscriptions.Subscribe` that a person, a limit or a failure ends without loss: what
/// was acknowledged is stored before it is over.
struct Subscriber: Sendable {
  /// How long the server may take to store the last acknowledgements.
  private static let patience = Duration.seconds(5)

  private final class Ending: Sendable {
    let isWanted = Mutex(false)
  }

  private let client: Client
  private let call: ClientCall
  private let ending = Ending()

  init(_ client: Client, _ begin: OutriderV1.SubscriptionBegin) async throws {
    self.client = client
    call = try await client.exchange("outrider.v1.Subscriptions", "Subscribe")
    try await call.send(OutriderV1.SubscribeRequest(begin: begin).wireBytes)
  }

  /// Hands what comes to `body`, and acknowledges the delivery that it returns. Comes back when the
  /// person interrupts the process; throws what ends the call otherwise, or what `body` throws.
  func run(
    _ body: (OutriderV1.SubscribeResponse) async throws -> OutriderV1.SubscriptionDelivery?
  ) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let interruption = Task {
      for await _ in signals {
        stopAfterReply()
        finish()
        break
      }
    }
    defer { interruption.cancel() }
    do {
      for try await message in call.responses {
        // What comes after the end was asked for is neither shown nor acknowledged.
        if isEnding { continue }
        if let delivery = try await body(client.decoded(message)) {
          try await acknowledge(delivery)
        }
        if isEnding { finish() }
      }
    } catch {
      finish()
      await within(Self.patience) { [call] in _ = await call.status }
      throw error
    }
  }

  /// Nothing more is handed over once `body` has returned.
  func stopAfterReply() { ending.isWanted.withLock { $0 = true } }

  private var isEnding: Bool { ending.isWanted.withLock(\.self) }

  private func acknowledge(_ delivery: OutriderV1.SubscriptionDelivery) async throws {
    let acknowledgement = OutriderV1.Acknowledgement(
      domain: delivery.domain, position: delivery.position, lane: delivery.lane)
    do {
      try await call.send(
        OutriderV1.SubscribeRequest(acknowledgements: [acknowledgement]).wireBytes)
    } catch {
      // Interrupted just now: the commit comes again.
      if !isEnding { throw error }
    }
  }

  /// The server stores what was acknowledged, and ends the call.
  private func finish() {
    call.finishSending()
    Task { [call] in
      try? await Environment.live.sleep(Self.patience)
      call.cancel()
    }
  }
}
