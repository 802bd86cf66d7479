import EventModel
import EventSourcing

/// Commits on their way to a caller, as many as its limit allows, but one at least.
struct Portion {
  private(set) var commits: [RecordedCommit] = []
  private var bytes = 0
  private let limit: ReadLimit

  init(_ limit: ReadLimit) { self.limit = limit }

  /// Whether the commit still fitted in.
  mutating func take(_ commit: RecordedCommit) -> Bool {
    bytes += commit.commit.pages.bytes.count + (commit.commit.snapshot?.state.count ?? 0)
    if !commits.isEmpty, commits.count >= limit.commits || bytes > limit.bytes { return false }
    commits.append(commit)
    return true
  }
}
