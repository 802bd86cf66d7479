import EventModel
import EventSourcing

/// Appends groups of commits: decides which may be appended, then follows `AppendGroup` until
/// each has an outcome. Called on threads that may block.
struct Appender: Sendable {
  let server: Server
  let layout: DomainLayout
  let existence: DomainExistence
  let heads: HeadCache
  let holes: HoleBook
  let now: @Sendable () -> Timestamp
  /// Called with every stored commit's position.
  let announce: @Sendable (Position) -> Void

  func append(_ calls: [AppendCall]) {
    let patience = (calls.map(\.arrival).min() ?? .now) + Limits.patience
    let calls = decide(calls, until: patience)
    if calls.isEmpty { return }
    var pace = RetryPace(until: patience)
    var group = AppendGroup(calls.map(\.commit), partitions: layout.partitions)
    while true {
      let failure = advance(&group)
      tell(&group, calls)
      if group.isDone { return }
      if let failure, !failure.isTemporary || !pace.pause() {
        group.giveUp(failure.storageError(server.place))
        tell(&group, calls)
        return
      }
    }
  }

  private func tell(_ group: inout AppendGroup, _ calls: [AppendCall]) {
    for (index, outcome) in group.tell() {
      switch outcome {
      case .success(.appended(let position)):
        heads.note(calls[index].key, calls[index].commit.pages.next)
        announce(position)
      case .success(.conflict(let next)): heads.note(calls[index].key, next)
      case .success(.alreadyHandled), .success(.barred), .failure: break
      }
      calls[index].finish(outcome)
    }
  }

  // MARK: Deciding

  /// Finishes calls that cannot be appended; returns the others.
  private func decide(
    _ calls: [AppendCall], until patience: ContinuousClock.Instant
  ) -> [AppendCall] {
    var decided: [AppendCall] = []
    var pace = RetryPace(until: patience)
    for call in calls {
      var outcome = examine(call.commit)
      while case .failure(let failure)? = outcome, failure.isTemporary, pace.pause() {
        outcome = examine(call.commit)
      }
      switch outcome {
      case nil: decided.append(call)
      case .success(let outcome): call.finish(.success(outcome))
      case .failure(let failure): call.refuse(failure.storageError(server.place))
      }
    }
    return decided
  }

  /// The reason why the commit cannot be appended; nil if nothing known prevents it.
  private func examine(_ commit: Commit) -> Result<AppendOutcome, MongoFailure>? {
    let (root, first) = (commit.cover.root, commit.pages.first)
    // The first commit of an aggregate needs no look-up: the primary index decides.
    if heads[root] ?? .first == first { return nil }
    do throws(MongoFailure) {
      let outcome: AppendOutcome? = try server.withClient { client throws(MongoFailure) in
        let commits = layout.commits(client)
        // Read this before looking for the command's own commit: if another process appends that
        // in between, the look-up must find it.
        let next = try commits.next(of: root)
        heads.note(root, next)
        // A unique index decides whether the command has appended before.
        if next == first { return nil }
        guard let id = commit.commandID else { return .conflict(next: next) }
        switch try commits.conclusion(of: root, commandID: id) {
        case .appended(let earlier): return .alreadyHandled(earlier)
        case .barred(let end): return .barred(end)
        case nil: return .conflict(next: next)
        }
      }
      return outcome.map { .success($0) }
    } catch {
      return .failure(error)
    }
  }

  // MARK: One step

  /// Makes one pass over the group's work. Returns the failure to wait out, if any.
  private func advance(_ group: inout AppendGroup) -> MongoFailure? {
    do throws(MongoFailure) {
      return try server.withClient { client throws(MongoFailure) in
        try existence.ensure(client)
        let commits = layout.commits(client)
        try reserve(&group, client)
        let failure = insert(&group, commits)
        let obstacle = try resolve(&group, commits, client)
        bury(&group, commits)
        return failure ?? obstacle
      }
    } catch {
      return error
    }
  }

  /// The log's order respects each aggregate's order only because all commits of the group are
  /// decided by now.
  private func reserve(_ group: inout AppendGroup, _ client: Client) throws(MongoFailure) {
    for (partition, count) in group.positionsNeeded {
      let first = try layout.positions(of: partition, client).reserve(count)
      group.reserved(partition: partition, from: first)
    }
  }

  private func insert(_ group: inout AppendGroup, _ commits: CommitCollection) -> MongoFailure? {
    var insertions: [(index: Int, document: BSONDocument)] = []
    for (index, position) in group.insertions {
      let document = CommitDocument.encode(group.commits[index], at: position)
      if document.bytes.count <= Limits.documentBytes {
        insertions.append((index, document))
      } else {
        let size = "it would take \(document.bytes.count) bytes, and MongoDB takes "
        let failure = MongoFailure(.tooLarge, size + "\(Limits.documentBytes)")
        group.inserted(index, .refused(failure.storageError(server.place)))
      }
    }
    if insertions.isEmpty { return nil }
    let start = ContinuousClock.now
    do throws(MongoFailure) {
      let failures = try commits.collection.insert(insertions.map(\.document))
      holes.learn(.now - start)
      var lasting: MongoFailure?
      for (place, (index, _)) in insertions.enumerated() {
        let failure = failures[place]
        group.inserted(index, result(of: failure))
        if let failure, failure.isTemporary { lasting = failure }
      }
      return lasting
    } catch {
      for (index, _) in insertions { group.inserted(index, result(of: error)) }
      return error.isTemporary ? error : nil
    }
  }

  private func result(of failure: MongoFailure?) -> AppendGroup.Insertion {
    switch failure?.kind {
    case nil: .stored
    case .duplicateKey: .duplicate
    case .away, .unreachable: .unknown
    case .denied, .tooLarge, .damaged, .incompatible, .refused:
      .refused(
        failure?.storageError(server.place)
          ?? StorageError(.unavailable, "the database did not take it"))
    }
  }

  // MARK: Duplicates

  /// Looks up the cause of each duplicate.
  ///
  /// - Returns: the failure to wait out before the group is tried again.
  private func resolve(
    _ group: inout AppendGroup, _ commits: CommitCollection, _ client: Client
  ) throws(MongoFailure) -> MongoFailure? {
    var obstacle: MongoFailure?
    var filled: Set<UInt32> = []
    for (index, position) in group.duplicates {
      let finding = try finding(group.commits[index], at: position, commits)
      switch finding {
      case .nothing: obstacle = MongoFailure(.unreachable, "the majority is behind")
      case .filled:
        filled.insert(position.partition)
        obstacle = obstacle ?? MongoFailure(.unreachable, "its positions are taken by others")
      case .own, .command, .barred, .rival: break
      }
      group.found(index, finding)
    }
    for partition in filled { try layout.raiseCounter(of: partition, client) }
    return obstacle
  }

  private func finding(
    _ commit: Commit, at position: Position, _ commits: CommitCollection
  ) throws(MongoFailure) -> AppendGroup.Finding {
    let root = commit.cover.root
    let stored = try commits.holder(of: root, commit.pages.first)
    if let stored, stored.id == commit.id { return .own(stored.position) }
    if let id = commit.commandID {
      switch try commits.conclusion(of: root, commandID: id) {
      case .appended(let earlier): return .command(earlier)
      case .barred(let end): return .barred(end)
      case nil: break
      }
    }
    if stored != nil { return .rival(next: try commits.next(of: root)) }
    return try commits.isTaken(position) ? .filled : .nothing
  }

  /// Fills abandoned positions, so that readers do not wait for them. On failure readers do it.
  private func bury(_ group: inout AppendGroup, _ commits: CommitCollection) {
    if group.abandoned.isEmpty { return }
    _ = try? commits.fill(group.abandoned, now: now())
    group.buried()
  }
}
