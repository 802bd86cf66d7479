import EventModel

/// Follows causes across domains: from any commit back to the first cause, and forward to all
/// effects.
///
/// An event's cause is its command, and a command's cause is the event that led to it. So each
/// commit has at most one predecessor and any number of successors: a tree.
public struct CauseTrace: Sendable {
  private let logs: TracedLogs
  private let hold: @Sendable (Int) async throws -> Void

  /// - Parameters:
  ///   - domains: the readable domains. Commits of others are left out, with all their effects.
  ///   - gate: bounds concurrent reads among all traces that share it.
  ///   - hold: called with the bytes held in memory from now on, negative if released. May end the
  ///     trace by throwing.
  ///   - open: opens a domain's log.
  public init(
    domains: [Name], gate: ConcurrencyLimit,
    hold: @escaping @Sendable (Int) async throws -> Void = { _ in },
    open: @escaping @Sendable (Name) async throws -> any EventStore
  ) {
    self.hold = hold
    logs = TracedLogs(domains: domains, gate: gate, open: open)
  }

  /// Passes the nodes of the tree around `start` to `body`, each after its parent: first the path
  /// from the root to the start, then the rest, by distance from that path.
  ///
  /// - Parameters:
  ///   - limit: the most nodes. A longer path begins within it.
  ///   - isBackwardOnly: only the path.
  ///
  /// Throws `.notFound` if the event, command or correlation does not exist.
  public func nodes(
    from start: TraceStart, limit: Int, isBackwardOnly: Bool = false,
    _ body: (TraceNode) async throws -> Void
  ) async throws {
    var tree = try await tree(to: start, limit)
    if isBackwardOnly {
      for node in tree.nodes { try await body(node) }
      return
    }
    var done = 0
    while done < tree.nodes.count {
      // Copied: a slice would make the whole tree copy when it grows.
      let batch = Array(tree.nodes[done...].prefix(Self.batchSize))
      for domain in logs.domains { try await expand(&tree, batch, by: domain) }
      // Only now is it known which of them have effects beyond the limit.
      for node in batch { try await body(tree.nodes[node.number - 1]) }
      done += batch.count
    }
  }

  /// Commits whose effects are searched in one read.
  private static let batchSize = 512

  /// The tree of the path to the start, which is marked.
  private func tree(to start: TraceStart, _ limit: Int) async throws -> CauseTree {
    let path = try await path(to: try await logs.find(start), limit)
    var tree = CauseTree(path: path, limit: limit)
    tree.markStart(place(of: start, in: path) + 1)
    try await hold(tree.takeGrowth() - path.byteCount)
    return tree
  }

  /// The chain of causes from the first commit to this one. Counted as held.
  private func path(
    to start: RecordedCommit, _ limit: Int
  ) async throws -> [RecordedCommit] {
    try await hold(start.byteCount)
    var backwards = [start]
    var known: Set<EventRange> = [EventRange(start.commit)]
    while backwards.count < limit, let cause = backwards.last?.commit.origin.causingEvent,
      let parent = try await logs.commit(holding: cause)
    {
      // Only a client's false cause can form a cycle.
      guard known.insert(EventRange(parent.commit)).inserted else { break }
      try await hold(parent.byteCount)
      backwards.append(parent)
    }
    return backwards.reversed()
  }

  /// The place of the start in the path. For a correlation, its first commit on the path.
  private func place(of start: TraceStart, in path: [RecordedCommit]) -> Int {
    guard case .correlation = start else { return path.count - 1 }
    return path.firstIndex { start.matches($0) } ?? path.count - 1
  }

  /// Adds the batch's effects in one domain.
  private func expand(
    _ tree: inout CauseTree, _ batch: [TraceNode], by domain: Name
  ) async throws {
    let parents = TraceParents(batch)
    var last: RecordedCommit?
    var looksWhenFull = 4
    while looksWhenFull > 0 {
      let effects = try await logs.effects(of: batch.map(\.events), after: last, in: domain)
      if effects.isEmpty { return }
      for effect in effects {
        guard let cause = effect.commit.origin.causingEvent,
          let parent = parents.holder(of: cause)
        else { continue }
        tree.add(effect, under: parent)
      }
      try await hold(tree.takeGrowth())
      last = effects.last
      if tree.isFull { looksWhenFull -= 1 }
    }
    // Far beyond the limit: unread commits may have other parents, too.
    for node in batch { tree.truncate(node.number) }
  }
}

/// The start of a trace.
public enum TraceStart: Equatable, Sendable {
  case event(EventReference)
  case commandID(Name)
  case correlation(Name)
}

extension TraceStart {
  func matches(_ recorded: RecordedCommit) -> Bool {
    switch self {
    case .event(let event): EventRange(recorded.commit).contains(event)
    case .commandID(let id): EventBook(recorded.commit).commandID.bytewise == id
    case .correlation(let name):
      EventBook(recorded.commit).origin.correlation.bytewise == name
    }
  }
}

extension TraceStart: CustomStringConvertible {
  public var description: String {
    switch self {
    case .event(let event): "event \(event)"
    case .commandID(let id): "command \(id)"
    case .correlation(let correlation): "correlation \(correlation)"
    }
  }
}
