/// A channel to another server that first admits each call in this process, by the call's metadata
/// and its caller.
package struct AdmittedChannel: RPCChannel {
  private let channel: any RPCChannel
  private let admission: any CallAdmission
  private let check: @Sendable (Admission) throws(RPCStatus) -> Void

  /// - Parameter check: throws if the admission's authority does not cover the call.
  package init(
    _ channel: any RPCChannel, by admission: any CallAdmission,
    _ check: @escaping @Sendable (Admission) throws(RPCStatus) -> Void
  ) {
    self.channel = channel
    self.admission = admission
    self.check = check
  }

  package func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    try await channel.unary(method, request, admitted(method, options))
  }

  package func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    try await channel.stream(method, admitted(method, options))
  }

  package func close() async { await channel.close() }

  /// The options of the call, with a deadline no later than the expiry of the caller's proof.
  private func admitted(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> CallOptions {
    let decision = admission.decide(ServerContext(CallHead(method, options)))
    switch await decision.outcome {
    case .failure(let refusal): throw refusal.status
    case .success(let admission):
      try check(admission)
      var options = options
      if let timeLeft = admission.caller.timeLeft {
        options.deadline = min(options.deadline, .after(timeLeft))
      }
      return options
    }
  }
}

/// The head of a call, for admission. It has no messages.
private final class CallHead: ServerCall {
  let method: Method
  let requestMetadata: Metadata
  let deadline: Deadline
  let caller: Caller
  let peer = "in-process"
  let admission: Result<Admission, Refusal>? = nil
  let isRequestCompressed = false

  init(_ method: Method, _ options: CallOptions) {
    self.method = method
    requestMetadata = options.metadata
    deadline = options.deadline
    caller = options.caller
  }

  func setInitialMetadata(_ metadata: Metadata) {}
  func setTrailingMetadata(_ metadata: Metadata) {}
  func setCompression(_ compression: Compression) {}
  func hold(_ bytes: Int) async throws(RPCStatus) {}
  func nextMessage() async throws(RPCStatus) -> Message? { nil }
  func send(_ message: Message) async throws(RPCStatus) {}
}
