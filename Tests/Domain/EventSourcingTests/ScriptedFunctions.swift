import EventModel
import EventSourcing
import Synchronization

/// Functions whose state is the texts of all events, behind an S. Counts what they are asked.
final class ScriptedFunctions: EntityFunctions {
  typealias Failure = @Sendable (PageBlock, Int) -> LogicError?

  private let script: @Sendable (String, Int) async throws(LogicError) -> ProposedBook
  private let failure: Failure
  private let suffix: @Sendable (Int) -> String
  private let asked = Counter()
  private let folded = Mutex<[[String]]>([])

  /// - Parameters:
  ///   - failure: of a call of `apply`, by its pages and its number, from 1.
  ///   - suffix: of the state that a call of `apply` answers, by its number.
  ///   - script: decides, by the state and the number of the question, from 1.
  init(
    failure: @escaping Failure = { _, _ in nil },
    suffix: @escaping @Sendable (Int) -> String = { _ in "" },
    _ script: @escaping @Sendable (String, Int) async throws(LogicError) -> ProposedBook
  ) {
    self.script = script
    self.failure = failure
    self.suffix = suffix
  }

  var timesAsked: Int { asked.value }
  /// The texts that each call of `apply` got.
  var portions: [[String]] { folded.withLock { $0 } }

  func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    precondition(aggregate.pages.isEmpty && (aggregate.snapshot?.next ?? 0) == aggregate.next)
    let state = aggregate.snapshot?.state.dropFirst() ?? []
    return try await script(String(decoding: state, as: UTF8.self), asked.add(1))
  }

  func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes {
    let count = folded.withLock {
      $0.append(texts(pages))
      return $0.count
    }
    if let error = failure(pages, count) { throw error }
    return (state ?? Bytes("S".utf8)) + Bytes((texts(pages).joined() + suffix(count)).utf8)
  }

  func isState(_ snapshot: Bytes) -> Bool { snapshot.first == UInt8(ascii: "S") }
}
