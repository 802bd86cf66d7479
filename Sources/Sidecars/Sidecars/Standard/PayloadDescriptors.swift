import EventModel
import RPC
import Synchronization
import Wire

/// Descriptors of commands, events and projections: the operator's, else those of the logic's own
/// reflection.
public final class PayloadDescriptors: Sendable {
  /// The most questions waiting for the logic; one more is refused.
  private static let waitingMax = 16

  private let given: DescriptorSet
  private let logic: [any RPCChannel]
  private let admission: (any CallAdmission)?
  private let patience: Duration
  private let waiting = Mutex(0)

  /// - Parameters:
  ///   - logic: the servers to ask, in this order, for what is not given.
  ///   - admission: decides on each question; nil: all are admitted.
  ///   - patience: the time limit for the logic's answer.
  public init(
    given: DescriptorSet, logic: [any RPCChannel], admission: (any CallAdmission)? = nil,
    patience: Duration = .seconds(2)
  ) {
    self.given = given
    self.logic = logic
    self.admission = admission
    self.patience = patience
  }

  /// The file for a question, and all its imports; nil if no server has it.
  ///
  /// Throws the admission's refusal, and UNAVAILABLE if too many questions wait.
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
      // Logic that is away, or offers no reflection, has no descriptors.
      if let files = try? await client.files(question) { return files }
    }
    return nil
  }
}
