/// An aggregate as known at one moment: the latest snapshot and the events after it.
public struct Aggregate: Equatable, Sendable {
  public let cover: Cover
  public private(set) var snapshot: Snapshot?
  /// The pages that the snapshot does not include.
  public private(set) var pages: PageBlock

  /// The number of its next event; 0 if the aggregate does not exist yet.
  public var next: SequenceNumber { pages.next }

  /// Bytes of history that business logic gets: snapshot and pages.
  public var historyByteCount: Int { pages.bytes.count + (snapshot?.state.count ?? 0) }

  /// Approximate memory in bytes, for a cache's bound.
  public var byteCount: Int { 128 + pages.bytes.capacity + (snapshot?.state.count ?? 0) }

  /// An aggregate without any event.
  public init(cover: Cover) {
    self.cover = cover
    pages = PageBlock(emptyAt: .first)
  }

  /// The state that a store loaded. Drops pages that the snapshot includes.
  public init(cover: Cover, snapshot: Snapshot?, pages: PageBlock) {
    self.cover = cover
    self.snapshot = snapshot
    self.pages = snapshot.map { pages.slice(from: $0.next) } ?? pages
  }

  /// Applies a commit that was appended at `next`.
  public mutating func apply(_ commit: Commit) {
    pages.append(commit.pages)
    if let snapshot = commit.snapshot {
      self.snapshot = snapshot
      pages = pages.slice(from: snapshot.next)
    }
  }
}
