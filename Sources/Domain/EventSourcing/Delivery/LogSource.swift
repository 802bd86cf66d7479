import EventModel

/// The source of one partition's commits for a subscription.
public protocol LogSource: Sendable {
  /// Returns the commits after `position`, in log order and without gaps. Waits for new ones; may
  /// return none.
  func commits(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit]

  /// Releases the aggregate's commits up to `position`. Either they are handled durably, or the
  /// subscription reads them from the aggregate's stream, and its checkpoint stays before them
  /// until they are handled.
  func release(_ root: Root, upTo position: Position)

  /// Called when the subscription is no longer active: another process may be.
  func end() async
}

/// Reads the stored log.
struct StoredLog: LogSource {
  let history: any EventHistory

  func commits(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    let commits = try await history.log(after: position, limit: limit)
    if commits.isEmpty { await history.waitForLog(after: position) }
    return commits
  }

  func release(_ root: Root, upTo position: Position) {}
  func end() async {}
}
