/// What a call may access. The transport hands it on to the handler; the services know what it
/// means.
public protocol Authority: Sendable {}

/// What a call is let in with.
public struct Admission: Sendable {
  /// Of the call that the code runs for; nil: everything.
  @TaskLocal public static var authority: (any Authority)?

  /// Who calls.
  public var caller: Caller
  /// What the call may access; nil: everything.
  public var authority: (any Authority)?

  public init(caller: Caller, authority: (any Authority)? = nil) {
    self.caller = caller
    self.authority = authority
  }
}

/// Decides who calls and whether the call may run, by the head of its request alone.
///
/// A transport asks before it reads, keeps or unpacks any message, so that strangers cost no more
/// than their headers.
public protocol CallAdmission: Sendable {
  /// The messages of the context's call must not be touched.
  func decide(_ context: ServerContext) -> AdmissionDecision
}

/// Why a call was not let in.
public struct Refusal: Error, Sendable {
  /// What the call ends with.
  public var status: RPCStatus
  /// Who was refused, where that was found out.
  public var caller: Caller?

  public init(_ status: RPCStatus, of caller: Caller? = nil) {
    self.status = status
    self.caller = caller
  }

  public init(_ code: RPCStatus.Code, _ message: String, of caller: Caller? = nil) {
    self.init(RPCStatus(code, message), of: caller)
  }
}

/// What an admission says to a call.
public enum AdmissionDecision: Sendable {
  case admitted(Admission)
  case refused(Refusal)
  /// The decision waits for something, such as newer keys.
  case pending(@Sendable () async -> AdmissionDecision)
}

extension AdmissionDecision {
  /// The decision, once there is one.
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
  /// The same service, with an admission that decides on each call.
  ///
  /// Interceptors and observers that are added later see the calls that are refused, too.
  public func admitted(by admission: any CallAdmission) -> Service {
    var service = mapHandlers { $1.gated }
    service.admission = admission
    return service
  }
}

extension Handler {
  /// The same handler, that runs only calls that were admitted, with the authority that they have.
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
