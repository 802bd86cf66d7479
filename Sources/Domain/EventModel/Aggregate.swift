/// What is known of an aggregate at one moment: the latest snapshot and the events after it.
public struct Aggregate: Equatable, Sendable {
  public let cover: Cover
  public private(set) var snapshot: Snapshot?
  /// The pages that the snapshot does not include.
  public private(set) var pages: PageBlock

  /// The number that its next event gets; 0 where it does not exist yet.
  public var next: SequenceNumber { pages.next }

  /// What business logic gets of it: snapshot and pages, in bytes.
  public var historyByteCount: Int { pages.bytes.count + (snapshot?.state.count ?? 0) }

  /// Memory it takes, near enough for a cache's bound.
  public var byteCount: Int { 128 + pages.bytes.capacity + (snapshot?.state.count ?? 0) }

  /// An aggregate without any event.
  public init(cover: Cover) {
    self.cover = cover
    pages = PageBlock(emptyAt: .first)
  }

  /// The state that a store loaded: pages that the snapshot includes already are dropped.
  public init(cover: Cover, snapshot: Snapshot?, pages: PageBlock) {
    self.cover = cover
    self.snapshot = snapshot
    self.pages = snapshot.map { pages.slice(from: $0.next) } ?? pages
  }

  /// Takes in a commit that was appended at `next`.
  public mutating func apply(_ commit: Commit) {
    pages.append(commit.pages)
    if let snapshot = commit.snapshot {
      self.snapshot = snapshot
      pages = pages.slice(from: snapshot.next)
    }
  }
}
