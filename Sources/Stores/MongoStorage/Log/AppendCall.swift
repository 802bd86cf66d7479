import EventModel
import EventSourcing

/// A commit to append, and its waiting caller.
struct AppendCall: GroupedCall {
  let commit: Commit
  let arrival: ContinuousClock.Instant
  private let continuation: CheckedContinuation<AppendGroup.Outcome, Never>

  init(_ commit: Commit, _ continuation: CheckedContinuation<AppendGroup.Outcome, Never>) {
    self.commit = commit
    self.continuation = continuation
    arrival = .now
  }

  /// A group holds one commit of each aggregate, because the next one builds on it.
  var key: Root { commit.cover.root }
  var byteCount: Int { commit.pages.bytes.count + (commit.snapshot?.state.count ?? 0) }

  func finish(_ outcome: AppendGroup.Outcome) { continuation.resume(returning: outcome) }
  func refuse(_ error: StorageError) { finish(.failure(error)) }
}
