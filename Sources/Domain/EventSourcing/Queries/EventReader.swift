import EventModel

/// Reads one aggregate's events, or a domain's log, in pieces of bounded size.
public struct EventReader: Sendable {
  /// After so many commits others have their turn on the thread.
  private static let commitsAtOnce = 64

  private let store: any EventStore
  private let bookBytesMax: Int
  private let gate: ConcurrencyLimit
  private let hold: @Sendable (Int) async throws -> Void

  /// - Parameters:
  ///   - bookBytesMax: the most bytes of pages in one book; a single larger page goes alone.
  ///   - gate: bounds concurrent reads of the store among all readers that share it.
  ///   - hold: called with the bytes read ahead of `body`, negative when they are freed; may
  ///     throw to end the reading.
  public init(
    store: any EventStore, bookBytesMax: Int = 1 << 20,
    gate: ConcurrencyLimit = ConcurrencyLimit(1),
    hold: @escaping @Sendable (Int) async throws -> Void = { _ in }
  ) {
    self.store = store
    self.bookBytesMax = bookBytesMax
    self.gate = gate
    self.hold = hold
  }

  /// Passes an aggregate's events from `lower` (inclusive) up to `upper` (exclusive; nil: all) to
  /// `body`, book by book, each with its commit's origin.
  ///
  /// - Returns: the number after the last page passed.
  @discardableResult
  public func events(
    of root: Root, from lower: SequenceNumber = .first, upTo upper: SequenceNumber? = nil,
    _ body: (EventBook) async throws -> Void
  ) async throws -> SequenceNumber {
    var next = lower
    while upper.map({ next < $0 }) ?? true {
      let commits = try await gate.run {
        let commits = try await read {
          () async throws(StorageError) in
          try await store.commits(
            of: root, from: next, limit: ReadLimit(count: 256, bytes: bookBytesMax))
        }
        // Counted twice: as read, and as books.
        try await hold(2 * size(of: commits))
        return commits
      }
      guard let end = commits.last?.commit.pages.next, next < end else { break }
      for book in EventBook.books(of: commits, from: next, upTo: upper, bytesMax: bookBytesMax) {
        try await body(book)
      }
      next = upper.map { min($0, end) } ?? end
      try await hold(-2 * size(of: commits))
    }
    return next
  }

  /// Passes the log's commits after `position` to `body`, up to the last one stored when the call
  /// begins, which covers all acknowledged before. With `follow`, continues with new commits
  /// until cancelled.
  public func log(
    after position: Position, follow: Bool, limit: Int? = nil,
    _ body: (RecordedCommit) async throws -> Void
  ) async throws {
    var position = position
    var remaining = limit ?? .max
    let end = follow ? UInt64.max : try await lastCommit(in: position.partition)
    while remaining > 0, position.number < end, !Task.isCancelled {
      let commits = try await gate.run {
        let commits = try await read {
          () async throws(StorageError) in
          try await store.log(
            after: position, limit: ReadLimit(count: min(remaining, 1024), bytes: bookBytesMax))
        }
        try await hold(size(of: commits))
        return commits
      }
      if commits.isEmpty {
        guard follow else { return }
        await store.waitForLog(after: position)
      }
      for (index, commit) in commits.enumerated() {
        if commit.position.number > end { return }
        if index > 0, index.isMultiple(of: Self.commitsAtOnce) {
          await Task.yield()
          if Task.isCancelled { return }
        }
        try await body(commit)
        position = commit.position
      }
      try await hold(-size(of: commits))
      remaining -= commits.count
    }
  }

  /// Passes every root of the domain to `body`, in order, in constant memory.
  public func roots(_ body: (Root) async throws -> Void) async throws {
    var last: Root?
    while true {
      let place = last
      let roots = try await gate.run {
        let roots = try await read {
          () async throws(StorageError) in try await store.roots(after: place, limit: 1000)
        }
        try await hold(size(of: roots))
        return roots
      }
      for root in roots { try await body(root) }
      guard let end = roots.last else { return }
      last = end
      try await hold(-size(of: roots))
    }
  }

  private func lastCommit(in partition: UInt32) async throws -> UInt64 {
    try await read { () async throws(StorageError) in
      try await store.lastCommit(ofPartition: partition).number
    }
  }

  private func size(of commits: [RecordedCommit]) -> Int {
    commits.reduce(0) { $0 + $1.commit.pages.bytes.count }
  }

  private func size(of roots: [Root]) -> Int { roots.count * MemoryLayout<Root>.stride }

  private func read<Result>(
    _ body: () async throws(StorageError) -> Result
  ) async throws(EventSourcingError) -> Result {
    do { return try await body() } catch { throw EventSourcingError(error) }
  }
}
