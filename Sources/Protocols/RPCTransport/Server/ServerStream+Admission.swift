import NIOCore
import RPC

/// Admission of a call by its headers alone.
extension ServerStream {
  func begin(_ route: Route) {
    self.route = route
    if route.isForStrangers {
      guard head.encoding == .identity else { return end(.takesNoCompression) }
      let limit = connection.limits.strangerMessageBytesMax
      deframer.messageBytesMax = min(deframer.messageBytesMax, limit)
    } else {
      connection.callBegan()
      deframer.encoding = head.encoding
    }
    if let timeout = head.timeout {
      guard timeout > .zero else { return end(.deadlinePassed) }
      deadline = .after(timeout)
      timer = loop.timers.set(self, in: TimeAmount(timeout))
    }
    recount()
    guard isResponding else { return }
    guard let admission = route.admission else { return admitted(route) }
    decided(admission.decide(ServerContext(self)), route)
  }

  var isRefused: Bool {
    if case .failure? = admission { true } else { false }
  }

  private func decided(_ decision: AdmissionDecision, _ route: Route) {
    guard isResponding else { return }
    switch decision {
    case .admitted(let admission):
      self.admission = .success(admission)
      if !route.isUnary { endWithProof(of: admission.caller) }
      admitted(route)
    case .refused(let refusal):
      admission = .failure(refusal)
      early = nil
      run {
        try await route.handler.runRefused(self)
        throw refusal.status
      }
    case .pending(let wait):
      early = early ?? EarlyRequest()
      _ = Task(executorPreference: loop) { [self] in
        let decision = await wait()
        decided(decision, route)
      }
    }
  }

  private func admitted(_ route: Route) {
    if !route.takesOneMessage { run { try await route.handler.run(self) } }
    guard let early = early.take() else { return }
    early.bytes.withUnsafeBufferPointer(receivedData)
    if early.isEnded { receivedEnd() }
  }

  /// Ends the stream when its caller's proof expires. The wall clock decides, and may be changed.
  private func endWithProof(of caller: Caller) {
    guard isResponding, let timeLeft = caller.timeLeft else { return }
    guard timeLeft > .zero else { return end(.proofExpired) }
    expiry = loop.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeLeft)) { [self] in
      endWithProof(of: caller)
    }
  }
}

extension RPCStatus {
  fileprivate static let takesNoCompression = RPCStatus(
    .unimplemented, "this service takes no compressed messages")
  fileprivate static let proofExpired = RPCStatus(
    .unauthenticated, "the token or the certificate of the caller has expired")
}
