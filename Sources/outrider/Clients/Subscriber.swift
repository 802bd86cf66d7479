import RPC
import Synchronization
import Timing
import UnixSignals
import Wire

/// A call of `Subscriptions.Subscribe` that ends without loss, on interruption, limit or failure:
/// acknowledgements are stored before it ends.
struct Subscriber: Sendable {
  /// The longest wait for the last acknowledgements to be stored.
  private static let patience = Duration.seconds(5)

  private final class Ending: Sendable {
    struct State {
      var isWanted = false
      /// A delivery is being shown and is not acknowledged yet.
      var isBusy = false
    }

    let state = Mutex(State())
  }

  private let client: Client
  private let call: ClientCall
  private let ending = Ending()

  init(_ client: Client, _ begin: OutriderV1.SubscriptionBegin) async throws {
    self.client = client
    call = try await client.exchange("outrider.v1.Subscriptions", "Subscribe")
    try await call.send(OutriderV1.SubscribeRequest(begin: begin).wireBytes)
  }

  /// Passes deliveries to `body`, and acknowledges the one it returns. Returns when the user
  /// interrupts the process; throws the call's failure, or the error of `body`.
  func run(
    _ body: (OutriderV1.SubscribeResponse) async throws -> OutriderV1.SubscriptionDelivery?
  ) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let interruption = Task {
      for await _ in signals {
        // The delivery being shown is acknowledged first.
        if wantEnd() { finish() }
        break
      }
    }
    defer { interruption.cancel() }
    do {
      for try await message in call.responses {
        // Deliveries after an interruption are neither shown nor acknowledged.
        guard begin() else { continue }
        if let delivery = try await body(client.decoded(message)) {
          try await acknowledge(delivery)
        }
        if end() { finish() }
      }
    } catch {
      finish()
      await within(Self.patience) { [call] in _ = await call.status }
      throw error
    }
  }

  /// No delivery follows once `body` has returned.
  func stopAfterReply() { _ = wantEnd() }

  /// True if no delivery is being shown.
  private func wantEnd() -> Bool {
    ending.state.withLock { state in
      state.isWanted = true
      return !state.isBusy
    }
  }

  /// False after an interruption.
  private func begin() -> Bool {
    ending.state.withLock { state in
      state.isBusy = !state.isWanted
      return state.isBusy
    }
  }

  /// True after an interruption.
  private func end() -> Bool {
    ending.state.withLock { state in
      state.isBusy = false
      return state.isWanted
    }
  }

  private func acknowledge(_ delivery: OutriderV1.SubscriptionDelivery) async throws {
    let acknowledgement = OutriderV1.Acknowledgement(
      domain: delivery.domain, position: delivery.position, lane: delivery.lane)
    try await call.send(OutriderV1.SubscribeRequest(acknowledgements: [acknowledgement]).wireBytes)
  }

  /// The server stores the acknowledgements, and ends the call.
  private func finish() {
    call.finishSending()
    Task { [call] in
      try? await Environment.live.sleep(Self.patience)
      call.cancel()
    }
  }
}
