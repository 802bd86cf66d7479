import RPC
import Timing

/// A channel to one server over HTTP/2, with or without TLS.
///
/// Connects at the first call, and reconnects after a loss. Each event loop that makes calls has
/// its own connection: a call made on a loop stays there from the caller to the socket and back;
/// other calls go to the loops in turn.
public final class HTTP2Channel: RPCChannel {
  private let loops: EventLoops
  private let pickers: [ObjectIdentifier: ConnectionPicker]
  private let configuration: HTTP2ChannelConfiguration

  public convenience init(
    to target: Address, _ configuration: HTTP2ChannelConfiguration = HTTP2ChannelConfiguration(),
    on loops: EventLoops
  ) {
    self.init(to: [target], .pickFirst, configuration, on: loops)
  }

  /// To several servers, which may change.
  init(
    to targets: [Address], _ policy: BalancedChannel.Policy,
    _ configuration: HTTP2ChannelConfiguration, on loops: EventLoops
  ) {
    self.loops = loops
    self.configuration = configuration
    pickers = Dictionary(
      uniqueKeysWithValues: loops.all.map {
        (ObjectIdentifier($0), ConnectionPicker(targets, policy, configuration, $0))
      })
  }

  public func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    var retries = UnseenRetries(configuration)
    while true {
      let call = UnaryClientStream(picker, method, request, options)
      do {
        return try await call.run().get()
      } catch {
        guard await retries.allowOne(of: call) else { throw error }
      }
    }
  }

  public func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    var retries = UnseenRetries(configuration)
    while true {
      let call = StreamingClientStream(picker, method, options)
      guard let status = await call.run() else { return ClientCall(call) }
      guard await retries.allowOne(of: call) else { throw status }
    }
  }

  public func close() async {
    await onEachLoop { $0.close() }
  }

  /// Returns once later calls go only to these servers; see `ConnectionPicker.replace`.
  func replace(
    by targets: [Address], grace: Duration, serverFailed: @escaping @Sendable () -> Void
  ) async {
    await onEachLoop { $0.replace(by: targets, grace: grace, serverFailed: serverFailed) }
  }

  private func onEachLoop(_ body: @escaping @Sendable (ConnectionPicker) -> Void) async {
    for picker in pickers.values {
      await withUnsafeContinuation { (done: UnsafeContinuation<Void, Never>) in
        picker.loop.run {
          body(picker)
          done.resume()
        }
      }
    }
  }

  private var picker: ConnectionPicker {
    let loop = loops.current ?? loops.next()
    guard let picker = pickers[ObjectIdentifier(loop)] else {
      preconditionFailure("there is a picker for each of the loops")
    }
    return picker
  }
}

/// Retries a call that no server has seen on another connection (gRPC, proposal A6, transparent
/// retries). A missing connection is reported to the caller, unless the call waits for ready.
private struct UnseenRetries {
  private var left: Int
  private var backoff: Backoff

  init(_ configuration: HTTP2ChannelConfiguration) {
    left = configuration.unseenRetriesMax
    backoff = configuration.backoff
  }

  /// Waits if needed, and returns true if the call may be retried. A call that was never sent may
  /// retry until its deadline, in the end with back-off: a server can close one connection after
  /// another before it takes a call.
  ///
  /// Call it after the call has ended on the loop: the call's state is then constant.
  mutating func allowOne(of call: ClientStream) async -> Bool {
    guard call.isUnseen, !call.options.deadline.isPast else { return false }
    if left > 0 {
      left -= 1
    } else {
      if call.hasSentHeaders { return false }
      let pause = backoff.next(random: .random(in: 0...UInt64.max))
      try? await Task.sleep(for: min(pause, call.options.deadline.remaining ?? pause))
    }
    return !Task.isCancelled
  }
}
