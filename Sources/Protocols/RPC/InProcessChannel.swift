import Synchronization
import Timing

/// A channel directly to a router: the semantics of gRPC over HTTP/2, without bytes on a wire.
///
/// Deadlines, cancellation, metadata, streams and message limits apply as between machines. So
/// tests of a service, and roles that share a process, need no socket.
public final class InProcessChannel: RPCChannel {
  private struct State {
    var isClosed = false
    var calls: [ObjectIdentifier: InProcessCall] = [:]
  }

  private let router: Router
  private let limits: RPCLimits
  private let state = Mutex(State())

  public init(_ router: Router, limits: RPCLimits = RPCLimits()) {
    self.router = router
    self.limits = limits
  }

  public convenience init(_ services: [Service]) {
    self.init(Router(services))
  }

  public func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    let call = try await serverStreaming(method, request, options)
    return try await call.responses.onlyMessage()
  }

  public func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    let call = try open()
    let client = InProcessClientSide(call, limits)
    guard !options.deadline.isPast else {
      end(call, .deadlinePassed)
      return ClientCall(client)
    }
    do {
      let route = try router.route(path: Array(method.path.utf8))
      start(route, InProcessServerSide(call, method, options, limits), call)
    } catch {
      end(call, error)
    }
    return ClientCall(client)
  }

  public func close() async {
    let calls = state.withLock { state in
      state.isClosed = true
      defer { state.calls = [:] }
      return state.calls.values
    }
    for call in calls { call.finish(RPCStatus(.cancelled, "the channel was closed")) }
  }

  private func open() throws(RPCStatus) -> InProcessCall {
    let call = InProcessCall(limits: limits)
    let isOpen = state.withLock { state in
      if !state.isClosed { state.calls[ObjectIdentifier(call)] = call }
      return !state.isClosed
    }
    guard isOpen else {
      throw RPCStatus(.unavailable, "the channel is closed", isNeverProcessed: true)
    }
    return call
  }

  private func start(_ route: Route, _ side: InProcessServerSide, _ call: InProcessCall) {
    call.own(
      Task { [self] in
        do {
          try await serve(route, side)
          end(call, .ok)
        } catch {
          end(call, RPCStatus(thrownByHandler: error))
        }
      })
    guard let instant = side.deadline.instant else { return }
    call.own(
      Task {
        do { try await Environment.live.sleep(instant - Environment.live.instant()) } catch {
          return
        }
        call.finish(.deadlinePassed)
      })
  }

  private func serve(_ route: Route, _ side: InProcessServerSide) async throws {
    guard let admission = route.admission else { return try await route.handler.run(side) }
    let outcome = await admission.decide(ServerContext(side)).outcome
    let decided = InProcessServerSide(side, outcome)
    switch outcome {
    case .success(let admission):
      side.endWithProof(of: admission.caller)
      try await route.handler.run(decided)
    case .failure(let refusal):
      try await route.handler.runRefused(decided)
      throw refusal.status
    }
  }

  /// The call's handler has returned, or there is none.
  private func end(_ call: InProcessCall, _ status: RPCStatus) {
    state.withLock { _ = $0.calls.removeValue(forKey: ObjectIdentifier(call)) }
    call.finish(status)
  }
}

extension MessageStream {
  /// The message of a stream that must have exactly one.
  func onlyMessage() async throws(RPCStatus) -> Message { try await source.onlyMessage() }
}
