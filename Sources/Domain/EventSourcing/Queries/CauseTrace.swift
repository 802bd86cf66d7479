import EventModel

/// Follows causes across domains: from any commit back to what set it off, and forward to all that
/// came of it.
///
/// An event's cause is its command, and a command's cause the event that led to it. So each commit
/// has one before it at most, and any number after it: a tree.
public struct CauseTrace: Sendable {
  private let logs: TracedLogs
  private let hold: @Sendable (Int) async throws -> Void

  /// - Parameters:
  ///   - domains: those that may be read. Commits of others are left out, with all behind them.
  ///   - gate: bounds how many reads are under way at a time, of those that share it.
  ///   - hold: hears how many bytes are in memory from now on, or fewer where negative; it ends the
  ///     trace by throwing.
  ///   - open: opens the log of one of them.
  public init(
    domains: [Name], gate: ConcurrencyLimit,
    hold: @escaping @Sendable (Int) async throws -> Void = { _ in },
    open: @escaping @Sendable (Name) async throws -> any EventStore
  ) {
    self.hold = hold
    logs = TracedLogs(domains: domains, gate: gate, open: open)
  }

  /// Gives the nodes of the tree that `start` is part of to `body`, each behind the one that led to
  /// it: first the way from the root to the start, then all else, by its distance from that.
  ///
  /// - Parameters:
  ///   - limit: nodes at most. A way that is longer begins within it.
  ///   - isBackwardOnly: only that way.
  ///
  /// Throws `.notFound` where there is no such event, command or correlation.
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
      // Copied: a slice would have the whole tree copied when it grows.
      let batch = Array(tree.nodes[done...].prefix(Self.batchSize))
      for domain in logs.domains { try await expand(&tree, batch, by: domain) }
      // Only now it is known which of them lead to more than the limit lets through.
      for node in batch { try await body(tree.nodes[node.number - 1]) }
      done += batch.count
    }
  }

  /// Commits whose effects are looked for in one read.
  private static let batchSize = 512

  /// The way to the start, which is marked.
  private func tree(to start: TraceStart, _ limit: Int) async throws -> CauseTree {
    let path = try await path(to: try await logs.find(start), limit)
    var tree = CauseTree(path: path, limit: limit)
    tree.markStart(place(of: start, in: path) + 1)
    try await hold(tree.takeGrowth() - path.byteCount)
    return tree
  }

  /// The commits that led to this one, the first one first, and itself. They are held.
  private func path(
    to start: RecordedCommit, _ limit: Int
  ) async throws -> [RecordedCommit] {
    try await hold(start.byteCount)
    var backwards = [start]
    var known: Set<EventRange> = [EventRange(start.commit)]
    while backwards.count < limit, let cause = backwards.last?.commit.origin.causingEvent,
      let parent = try await logs.commit(holding: cause)
    {
      // No event leads to itself, unless a client says so.
      guard known.insert(EventRange(parent.commit)).inserted else { break }
      try await hold(parent.byteCount)
      backwards.append(parent)
    }
    return backwards.reversed()
  }

  /// A correlation's start is the first on the way that has it.
  private func place(of start: TraceStart, in path: [RecordedCommit]) -> Int {
    guard case .correlation = start else { return path.count - 1 }
    return path.firstIndex { start.matches($0) } ?? path.count - 1
  }

  /// Adds what the batch led to in one domain.
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
    // Far more than the limit lets through: what is not looked at may lead to more, too.
    for node in batch { tree.truncate(node.number) }
  }
}

/// Where a trace begins.
public enum TraceStart: Equatable, Sendable {
  case event(EventReference)
  case commandID(String)
  case correlation(String)
}

extension TraceStart {
  func matches(_ recorded: RecordedCommit) -> Bool {
    switch self {
    case .event(let event): EventRange(recorded.commit).contains(event)
    case .commandID(let id): EventBook(recorded.commit).commandID == id
    case .correlation(let correlation):
      EventBook(recorded.commit).origin.correlation == correlation
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
