import EventModel

/// Reads events back: one aggregate's, or a whole domain's log, in pieces of bounded size.
public struct EventReader: Sendable {
  private let store: any EventStore
  private let bookBytesMax: Int

  /// - Parameter bookBytesMax: pages of one book; a single larger page goes alone.
  public init(store: any EventStore, bookBytesMax: Int = 1 << 20) {
    self.store = store
    self.bookBytesMax = bookBytesMax
  }

  /// Gives an aggregate's events from `lower` (inclusive) up to `upper` (exclusive; nil: all there
  /// are) to `body`, book by book, each with what its commit says of its origin.
  ///
  /// - Returns: the number behind the last page that was given.
  @discardableResult
  public func events(
    of root: Root, from lower: SequenceNumber = .first, upTo upper: SequenceNumber? = nil,
    _ body: (EventBook) async throws -> Void
  ) async throws -> SequenceNumber {
    var next = lower
    while upper.map({ next < $0 }) ?? true {
      let commits = try await read {
        () async throws(StorageError) in
        try await store.commits(
          of: root, from: next, limit: ReadLimit(commits: 256, bytes: bookBytesMax))
      }
      guard let end = commits.last?.commit.pages.next, next < end else { break }
      for book in EventBook.books(of: commits, from: next, upTo: upper, bytesMax: bookBytesMax) {
        try await body(book)
      }
      next = upper.map { min($0, end) } ?? end
    }
    return next
  }

  /// Gives the log's commits behind `position` to `body`; with `follow`, goes on as new ones come,
  /// until the task is cancelled.
  public func log(
    after position: Position, follow: Bool, limit: Int? = nil,
    _ body: (RecordedCommit) async throws -> Void
  ) async throws {
    var position = position
    var remaining = limit ?? .max
    while remaining > 0, !Task.isCancelled {
      let commits = try await read {
        () async throws(StorageError) in
        try await store.log(
          after: position, limit: ReadLimit(commits: min(remaining, 1024), bytes: bookBytesMax))
      }
      if commits.isEmpty {
        guard follow else { return }
        await store.waitForLog(after: position)
      }
      for commit in commits {
        try await body(commit)
        position = commit.position
      }
      remaining -= commits.count
    }
  }

  /// Gives every root of the domain to `body`, in order, in constant memory.
  public func roots(_ body: (Root) async throws -> Void) async throws {
    var last: Root?
    while true {
      let roots = try await read {
        () async throws(StorageError) in try await store.roots(after: last, limit: 1000)
      }
      for root in roots { try await body(root) }
      guard let end = roots.last else { return }
      last = end
    }
  }

  private func read<Result>(
    _ body: () async throws(StorageError) -> Result
  ) async throws(EventSourcingError) -> Result {
    do { return try await body() } catch { throw EventSourcingError(error) }
  }
}
