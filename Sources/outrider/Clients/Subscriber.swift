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
    struct State {
      var isWanted = false
      /// A delivery is shown, and not acknowledged yet.
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

  /// Hands what comes to `body`, and acknowledges the delivery that it returns. Comes back when the
  /// person interrupts the process; throws what ends the call otherwise, or what `body` throws.
  func run(
    _ body: (OutriderV1.SubscribeResponse) async throws -> OutriderV1.SubscriptionDelivery?
  ) async throws {
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let interruption = Task {
      for await _ in signals {
        // What is shown just now is acknowledged first.
        if wantEnd() { finish() }
        break
      }
    }
    defer { interruption.cancel() }
    do {
      for try await message in call.responses {
        // What comes after the end was asked for is neither shown nor acknowledged.
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

  /// Nothing more is handed over once `body` has returned.
  func stopAfterReply() { _ = wantEnd() }

  /// True if nothing is being handed over.
  private func wantEnd() -> Bool {
    ending.state.withLock { state in
      state.isWanted = true
      return !state.isBusy
    }
  }

  /// False if the end was asked for.
  private func begin() -> Bool {
    ending.state.withLock { state in
      state.isBusy = !state.isWanted
      return state.isBusy
    }
  }

  /// True if the end was asked for.
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

  /// The server stores what was acknowledged, and ends the call.
  private func finish() {
    call.finishSending()
    Task { [call] in
      try? await Environment.live.sleep(Self.patience)
      call.cancel()
    }
  }
}
