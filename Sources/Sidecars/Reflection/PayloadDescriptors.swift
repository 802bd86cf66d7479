import EventModel
import RPC
import Synchronization
import Wire

/// Descriptors of commands, events and projections: those that an operator gave, else those that
/// the logic offers by its own reflection.
public final class PayloadDescriptors: Sendable {
  /// Questions that may wait for the logic; one more is refused.
  private static let waitingMax = 16
  /// What the logic has for an answer.
  private static let patience = Duration.seconds(2)

  private let given: DescriptorSet
  private let logic: [any RPCChannel]
  private let guards: [any ServerInterceptor]
  private let waiting = Mutex(0)

  /// - Parameters:
  ///   - logic: what is asked, in this order, of what is not given.
  ///   - guards: what lets a caller's question through.
  public init(
    given: DescriptorSet, logic: [any RPCChannel], guards: [any ServerInterceptor] = []
  ) {
    self.given = given
    self.logic = logic
    self.guards = guards
  }

  /// The file that a question is for, and all that it imports; nil if nobody has it.
  ///
  /// Throws the status of a caller who may not ask, and UNAVAILABLE where too many ask already.
  func files(
    _ question: GRPCReflectionV1.Request.Question, for context: ServerContext
  ) async throws -> [Bytes]? {
    var answer: [Bytes]?
    try await guarded(context, guards[...]) { answer = try await self.files(question) }
    return answer
  }

  private func guarded(
    _ context: ServerContext, _ guards: ArraySlice<any ServerInterceptor>,
    _ body: () async throws -> Void
  ) async throws {
    guard let first = guards.first else { return try await body() }
    try await first.intercept(context) { try await self.guarded($0, guards.dropFirst(), body) }
  }

  private func files(
    _ question: GRPCReflectionV1.Request.Question
  ) async throws(RPCStatus) -> [Bytes]? {
    switch question {
    case .symbol(let symbol): if let files = given.files(defining: symbol) { return files }
    case .file(let name): if let files = given.files(named: name) { return files }
    default: return nil
    }
    let isAdmitted = waiting.withLock { waiting in
      guard waiting < Self.waitingMax else { return false }
      waiting += 1
      return true
    }
    guard isAdmitted else { throw RPCStatus(.unavailable, "too many ask for descriptors") }
    defer { waiting.withLock { $0 -= 1 } }
    for channel in logic {
      let client = ReflectionClient(channel, CallOptions(deadline: .after(Self.patience)))
      // Logic that is away, or offers no reflection, describes nothing.
      if let files = try? await client.files(question) { return files }
    }
    return nil
  }
}
