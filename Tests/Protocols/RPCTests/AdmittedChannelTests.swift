import Names
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct AdmittedChannelTests {
  private let method = Method(service: "a.B", name: "C")

  /// Lets in whom a call says that it is for, for so long.
  private struct ByName: CallAdmission {
    let seconds: Double

    func decide(_ context: ServerContext) -> AdmissionDecision {
      guard let name = context.metadata["name"] else {
        return .refused(Refusal(.unauthenticated, "who are you?"))
      }
      var caller = Caller(.token, names: [CallerName(.token, Name(name))])
      caller.expires = seconds
      return .admitted(Admission(caller: caller))
    }
  }

  private func channel(
    expires seconds: Double = .infinity, _ handler: Handler
  ) -> AdmittedChannel {
    AdmittedChannel(
      InProcessChannel([Service("a.B", ["C": handler])]), by: ByName(seconds: seconds)
    ) { (admission) throws(RPCStatus) in
      guard "\(admission.caller)" != "token:mallory" else {
        throw RPCStatus(.permissionDenied, "not you")
      }
    }
  }

  @Test(arguments: [
    (nil, RPCStatus.Code.unauthenticated), ("mallory", .permissionDenied), ("ann", .ok),
  ])
  func callIsAdmittedBeforeItIsMade(name: String?, code: RPCStatus.Code) async {
    let channel = channel(.unary { message, _ in message })
    var (status, options) = (RPCStatus.ok, CallOptions())
    if let name { options.metadata.append("name", name) }
    do { _ = try await channel.unary(method, [], options) } catch {
      status = error
    }
    #expect(status.code == code)
  }

  @Test func callEndsWithItsCallersProof() async throws {
    let channel = channel(expires: 1, .unary { message, _ in message })
    let status = await #expect(throws: RPCStatus.self) {
      try await channel.unary(method, [], CallOptions(metadata: ["name": "ann"]))
    }
    #expect(status?.code == .deadlineExceeded)
  }

  @Test func callWithinTheProcessEndsWithItsCallersProof() async throws {
    let service = Service(
      "a.B",
      [
        "C": .serverStreaming { _, _, _ in
          try await withUnsafeThrowingContinuation { (_: UnsafeContinuation<Void, any Error>) in }
        }
      ])
    let call = try await InProcessChannel([service.admitted(by: ByName(seconds: 1))])
      .serverStreaming(method, [], CallOptions(metadata: ["name": "ann"]))
    #expect(await call.status.code == .unauthenticated)
  }
}
