/// What a call may access. The transport passes it to the handler; services interpret it.
public protocol Authority: Sendable {}

/// The result of admitting a call.
public struct Admission: Sendable {
  /// The current call's admission; nil: unrestricted.
  @TaskLocal public static var authority: (any Authority)?

  /// The caller.
  public var caller: Caller
  /// What the call may access; nil: everything.
  public var authority: (any Authority)?

  public init(caller: Caller, authority: (any Authority)? = nil) {
    self.caller = caller
    self.authority = authority
  }
}

/// Decides who calls and whether the call may run, by the head of its request.
///
/// A transport asks before it reads, stores or decompresses any message, so a rejected caller
/// costs only its headers.
public protocol CallAdmission: Sendable {
  /// Must not read the call's messages.
  func decide(_ context: ServerContext) -> AdmissionDecision
}

/// Why a call was not admitted.
public struct Refusal: Error, Sendable {
  /// The status of the refused call.
  public var status: RPCStatus
  /// The refused caller, if known.
  public var caller: Caller?

  public init(_ status: RPCStatus, of caller: Caller? = nil) {
    self.status = status
    self.caller = caller
  }

  public init(_ code: RPCStatus.Code, _ message: String, of caller: Caller? = nil) {
    self.init(RPCStatus(code, message), of: caller)
  }
}

/// The decision on a call.
public enum AdmissionDecision: Sendable {
  case admitted(Admission)
  case refused(Refusal)
  /// The decision needs a wait, for example for newer keys.
  case pending(@Sendable () async -> AdmissionDecision)
}

extension AdmissionDecision {
  /// The decision, awaited if pending.
  package var outcome: Result<Admission, Refusal> {
    get async {
      var decision = self
      while true {
        switch decision {
        case .admitted(let admission): return .success(admission)
        case .refused(let refusal): return .failure(refusal)
        case .pending(let wait): decision = await wait()
        }
      }
    }
  }
}

extension Service {
  /// The same service with an admission that decides on each call.
  ///
  /// Interceptors and observers added later also see refused calls.
  public func admitted(by admission: any CallAdmission) -> Service {
    var service = mapHandlers { $1.gated }
    service.admission = admission
    return service
  }
}

extension Handler {
  /// The same handler, limited to admitted calls, with their authority.
  fileprivate var gated: Handler {
    switch self {
    case .unary(let handle):
      .unary { request, context in
        try await context.run { () async throws in try await handle(request, context) }
      }
    case .clientStreaming(let handle):
      .clientStreaming { requests, context in
        try await context.run { () async throws in try await handle(requests, context) }
      }
    case .serverStreaming(let handle):
      .serverStreaming { request, responses, context in
        try await context.run { () async throws in try await handle(request, responses, context) }
      }
    case .bidirectional(let handle):
      .bidirectional { requests, responses, context in
        try await context.run { () async throws in try await handle(requests, responses, context) }
      }
    }
  }
}

extension ServerContext {
  @inline(__always)
  fileprivate func run<Answer>(_ handle: () async throws -> Answer) async throws -> Answer {
    guard let outcome = call.admission else {
      throw RPCStatus(.internal, "nobody decided whether the call may run")
    }
    let admission = try outcome.mapError(\.status).get()
    guard let authority = admission.authority else { return try await handle() }
    return try await Admission.$authority.withValue(authority) { try await handle() }
  }
}
