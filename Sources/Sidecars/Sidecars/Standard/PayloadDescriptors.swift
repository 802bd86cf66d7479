import EventModel
import RPC
import Synchronization
import Wire

/// Descriptors of commands, events and projections: those that an operator gave, else those that
/// the logic offers by its own reflection.
public final class PayloadDescriptors: Sendable {
  /// Questions that may wait for the logic; one more is refused.
  private static let waitingMax = 16

  private let given: DescriptorSet
  private let logic: [any RPCChannel]
  private let admission: (any CallAdmission)?
  private let patience: Duration
  private let waiting = Mutex(0)

  /// - Parameters:
  ///   - logic: what is asked, in this order, of what is not given.
  ///   - admission: decides on each caller's question; nil: everybody may ask.
  ///   - patience: what the logic has for an answer.
  public init(
    given: DescriptorSet, logic: [any RPCChannel], admission: (any CallAdmission)? = nil,
    patience: Duration = .seconds(2)
  ) {
    self.given = given
    self.logic = logic
    self.admission = admission
    self.patience = patience
  }

  /// The file that a question is for, and all that it imports; nil if nobody has it.
  ///
  /// Throws the status of a caller who may not ask, and UNAVAILABLE where too many ask already.
  func files(
    _ question: GRPCReflectionV1.Request.Question, for context: ServerContext
  ) async throws -> [Bytes]? {
    if let admission, case .failure(let refusal) = await admission.decide(context).outcome {
      throw refusal.status
    }
    return try await files(question)
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
      let client = ReflectionClient(channel, CallOptions(deadline: .after(patience)))
      // Logic that is away, or offers no reflection, describes nothing.
      if let files = try? await client.files(question) { return files }
    }
    return nil
  }
}
