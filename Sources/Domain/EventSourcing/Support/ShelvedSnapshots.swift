import EventModel

/// An event store with large snapshots on a shelf: a commit holds a reference and a digest.
///
/// A snapshot is stored on the shelf before its commit is appended, so a commit never refers to a
/// missing one. If the append fails or conflicts, an unused snapshot stays on the shelf.
/// Snapshots only shorten reads: if the shelf fails to store one, the commit holds it or leaves
/// it out; if it fails to read one, all events are read.
public struct ShelvedSnapshots: EventStore {
  private let store: any EventStore
  private let shelf: any SnapshotShelf
  private let byteCountMin: Int
  private let commitBytesMax: Int
  private let observe: @Sendable (ShelfEvent) -> Void

  /// - Parameters:
  ///   - byteCountMin: smaller snapshots are stored in their commits.
  ///   - commitBytesMax: the most bytes of a commit's pages and snapshot.
  ///   - observe: gets events; called from any task, must not block.
  public init(
    _ store: any EventStore, on shelf: any SnapshotShelf, from byteCountMin: Int,
    commitBytesMax: Int, observe: @escaping @Sendable (ShelfEvent) -> Void
  ) {
    self.store = store
    self.shelf = shelf
    self.byteCountMin = byteCountMin
    self.commitBytesMax = commitBytesMax
    self.observe = observe
  }

  public var domain: Name { store.domain }
  public var partitions: UInt32 { store.partitions }

  // MARK: Writing

  public func append(_ commit: Commit) async throws(StorageError) -> AppendOutcome {
    var commit = commit
    if let snapshot = commit.snapshot {
      // A state that looks like a shelf's reference would be read as one.
      if snapshot.state.count >= byteCountMin || shelf.isReference(snapshot.state) {
        commit.snapshot = await placed(snapshot, with: commit)
      }
    }
    return try await store.append(commit)
  }

  public func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) async throws(StorageError) -> CommandConclusion {
    try await store.bar(commandID, of: root, as: end)
  }

  private func placed(_ snapshot: Snapshot, with commit: Commit) async -> Snapshot? {
    do throws(ShelfError) {
      let reference = try await shelf.put(
        snapshot.state, of: commit.cover, at: snapshot.sequence)
      observe(.put(commit.cover, byteCount: snapshot.state.count))
      return Snapshot(sequence: snapshot.sequence, state: reference)
    } catch {
      observe(.notPut(commit.cover, error))
      let fits = commit.pages.bytes.count + snapshot.state.count <= commitBytesMax
      return fits && !shelf.isReference(snapshot.state) ? snapshot : nil
    }
  }

  // MARK: Reading

  public func load(_ root: Root) async throws(StorageError) -> Aggregate {
    let aggregate = try await store.load(root)
    guard let snapshot = aggregate.snapshot, shelf.isReference(snapshot.state) else {
      return aggregate
    }
    if let whole = await whole(snapshot, of: aggregate.cover) {
      return Aggregate(cover: aggregate.cover, snapshot: whole, pages: aggregate.pages)
    }
    return Aggregate(
      cover: aggregate.cover, snapshot: nil, pages: try await allPages(of: root))
  }

  public func snapshot(of root: Root) async throws(StorageError) -> Snapshot? {
    guard let snapshot = try await store.snapshot(of: root) else { return nil }
    guard shelf.isReference(snapshot.state) else { return snapshot }
    return await whole(snapshot, of: Cover(domain: domain, root: root))
  }

  /// Returns nil if it cannot be read.
  private func whole(_ snapshot: Snapshot, of cover: Cover) async -> Snapshot? {
    do throws(ShelfError) {
      return Snapshot(
        sequence: snapshot.sequence, state: try await shelf.state(snapshot.state))
    } catch {
      observe(.notRead(cover, error))
      return nil
    }
  }

  private func allPages(of root: Root) async throws(StorageError) -> PageBlock {
    var pages = PageBlock(emptyAt: .first)
    while true {
      let commits = try await store.commits(
        of: root, from: pages.next, limit: ReadLimit(count: 1024, bytes: 4 << 20))
      if commits.isEmpty { return pages }
      for recorded in commits { pages.append(recorded.commit.pages.slice(from: pages.next)) }
    }
  }

  // MARK: Without snapshots

  public func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    try await store.next(of: root)
  }

  public func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store.commits(of: root, from: lower, limit: limit)
  }

  public func conclusion(
    of root: Root, commandID: String
  ) async throws(StorageError) -> CommandConclusion? {
    try await store.conclusion(of: root, commandID: commandID)
  }

  public func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store.log(after: position, limit: limit)
  }

  public func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await store.head(ofPartition: partition)
  }

  public func lastCommit(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    try await store.lastCommit(ofPartition: partition)
  }

  public func waitForLog(after position: Position) async {
    await store.waitForLog(after: position)
  }

  public func roots(after root: Root?, limit: Int) async throws(StorageError) -> [Root] {
    try await store.roots(after: root, limit: limit)
  }

  public func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    try await store.effects(of: causes, after: last, limit: limit)
  }
}
