import EventModel
import EventSourcing

/// Reads a domain's commits, from the primary and with majority read concern.
struct CommitCollection {
  let collection: Collection
  let domain: Name
  let partitions: UInt32

  // MARK: One aggregate

  /// The number of the aggregate's next event, from its last commit.
  func next(of root: Root) throws(MongoFailure) -> SequenceNumber {
    let last = try collection.first(
      ["_id": CommitKey.commits(of: root)], ["sort": ["_id": -1], "projection": ["next": 1]])
    return try last?.sequence("next") ?? .first
  }

  /// The latest snapshot and all pages after it. Reads backwards from the last commit, until it
  /// has all pages that the first snapshot found needs. Commits never change, so the result is a
  /// consistent state.
  func load(_ root: Root) throws(MongoFailure) -> Aggregate {
    try twiceIfDamaged { () throws(MongoFailure) in try read(root) }
  }

  private func read(_ root: Root) throws(MongoFailure) -> Aggregate {
    let cursor = collection.find(
      ["_id": CommitKey.commits(of: root)],
      [
        "sort": ["_id": -1],
        "projection": ["first": 1, "next": 1, "pages": 1, "snapshot": 1],
      ])
    var snapshot: Snapshot?
    var blocks: [PageBlock] = []
    while snapshot.map({ blocks[blocks.count - 1].first > $0.next }) ?? true,
      let document = try cursor.next()
    {
      do throws(MongoFailure) {
        blocks.append(try CommitDocument.pages(document))
        if snapshot == nil { snapshot = try CommitDocument.snapshot(document) }
      } catch {
        throw .damaged(error.message, damage(root, try? document.sequence("first")))
      }
    }
    let pages = try join(blocks, of: root)
    guard pages.first <= snapshot?.next ?? .first else {
      throw .damaged(Self.missing, damage(root, snapshot?.next ?? .first))
    }
    return Aggregate(
      cover: Cover(domain: domain, root: root), snapshot: snapshot, pages: pages)
  }

  func snapshot(of root: Root) throws(MongoFailure) -> Snapshot? {
    let latest = try collection.first(
      ["_id": CommitKey.commits(of: root), "snapshot": ["$exists": true]],
      ["sort": ["_id": -1], "projection": ["next": 1, "snapshot": 1]])
    guard let latest else { return nil }
    do { return try CommitDocument.snapshot(latest) } catch {
      throw .damaged(error.message, damage(root, try? latest.sequence("next")))
    }
  }

  private func join(
    _ backwards: [PageBlock], of root: Root
  ) throws(MongoFailure) -> PageBlock {
    var joined = PageBlock(emptyAt: backwards.last?.first ?? .first)
    for block in backwards.reversed() {
      guard block.first == joined.next else {
        throw .damaged(Self.missing, damage(root, joined.next))
      }
      joined.append(block)
    }
    return joined
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) throws(MongoFailure) -> [RecordedCommit] {
    try twiceIfDamaged { () throws(MongoFailure) in
      try read(root, from: lower, limit: limit)
    }
  }

  private func read(
    _ root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) throws(MongoFailure) -> [RecordedCommit] {
    // The commit that contains `lower` is the last one that starts at or before it.
    let holder = try collection.first(
      ["_id": ["$gte": CommitKey.commit(root, .first), "$lte": CommitKey.commit(root, lower)]],
      ["sort": ["_id": -1], "projection": ["first": 1, "next": 1]])
    guard let holder else {
      if try next(of: root) == .first { return [] }
      throw .damaged(Self.missing, damage(root, lower))
    }
    let isInside = try holder.sequence("next") > lower
    let start = isInside ? try holder.sequence("first") : lower
    let cursor = collection.find(
      ["_id": CommitKey.commits(of: root, from: start)],
      ["sort": ["_id": 1], "limit": .int64(Int64(max(1, limit.count)))])
    var portion = Portion<RecordedCommit>(limit)
    var expected = start
    while let document = try cursor.next() {
      do throws(MongoFailure) {
        let recorded = try CommitDocument.decode(document, of: domain)
        guard recorded.commit.pages.first == expected else {
          throw .damaged(Self.missing, damage(root, expected))
        }
        expected = recorded.commit.pages.next
        if !portion.take(recorded) { break }
      } catch {
        // Return the commits before the damage; the read that begins at it throws.
        if portion.entries.isEmpty { throw error }
        break
      }
    }
    return portion.entries
  }

  /// How the command with this id ended.
  func conclusion(
    of root: Root, commandID: String
  ) throws(MongoFailure) -> CommandConclusion? {
    let document = try collection.first([
      "partition": .int32(Int32(bitPattern: partition(of: root))), "root": .uuid(root),
      "commandId": .string(commandID),
    ])
    guard let document else { return nil }
    if CommitDocument.isTombstone(document) {
      return .barred(try CommitDocument.end(document, of: domain))
    }
    return .appended(try CommitDocument.decode(document, of: domain))
  }

  /// The commit of the aggregate that starts at this number, if any.
  func holder(
    of root: Root, _ first: SequenceNumber
  ) throws(MongoFailure) -> (id: CommitID, position: Position)? {
    let document = try collection.first(
      ["_id": CommitKey.commit(root, first)],
      ["projection": ["commitId": 1, "partition": 1, "position": 1]])
    guard let document else { return nil }
    return (try document.commitID("commitId"), try CommitDocument.position(document))
  }

  private static let missing = "is missing"

  /// Reads again after damage. A read is no snapshot: it may miss a concurrent commit and still
  /// return the commits after it. A second read begins after that commit, so if it finds the same
  /// damage, the damage is real.
  private func twiceIfDamaged<Answer>(
    _ read: () throws(MongoFailure) -> Answer
  ) throws(MongoFailure) -> Answer {
    var found: Damage?
    while true {
      do throws(MongoFailure) { return try read() } catch {
        guard error.kind == .damaged, let damage = error.damage, damage != found else {
          throw error
        }
        found = damage
      }
    }
  }

  private func damage(_ root: Root, _ sequence: SequenceNumber?) -> Damage {
    Damage(domain: domain, root: root, sequence: sequence)
  }

  func partition(of root: Root) -> UInt32 { root.partition(of: partitions) }

  /// The domain's roots, from their first commits, in the order of the primary index.
  func roots(after root: Root?, limit: Int) throws(MongoFailure) -> [Root] {
    if limit <= 0 { return [] }
    let cursor = collection.find(
      ["_id": CommitKey.commits(after: root), "first": 0],
      ["sort": ["_id": 1], "limit": .int64(Int64(limit)), "projection": ["root": 1]])
    var roots: [Root] = []
    while let document = try cursor.next() { roots.append(try document.root("root")) }
    return roots
  }
}
