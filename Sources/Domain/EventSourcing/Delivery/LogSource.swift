import EventModel

/// Where a subscription takes one partition's commits from.
public protocol LogSource: Sendable {
  /// The commits behind `position`, in log order, none left out. Waits until there are some; may
  /// come back without any.
  func commits(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]

  /// The subscription needs the aggregate's commits up to `position` from here no more. Either they
  /// are handled durably, or it reads them from the aggregate's stream, and its checkpoint stays
  /// before them until they are handled.
  func release(_ root: Root, upTo position: UInt64)

  /// The subscription is not active any more: another process may be.
  func end() async
}

/// The log itself.
struct StoredLog: LogSource {
  let history: any EventHistory

  func commits(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    let commits = try await history.log(after: position, limit: limit)
    if commits.isEmpty { await history.waitForLog(after: position) }
    return commits
  }

  func release(_ root: Root, upTo position: UInt64) {}
  func end() async {}
}
