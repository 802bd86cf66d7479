import EventModel

/// The logs that a trace reads.
struct TracedLogs: Sendable {
  let domains: [Name]
  let gate: ConcurrencyLimit
  let open: @Sendable (Name) async throws -> any EventStore

  /// Returns nil if the event does not exist, or its domain may not be read.
  func commit(holding event: EventReference) async throws -> RecordedCommit? {
    guard domains.contains(event.cover.domain) else { return nil }
    let commits = try await read(event.cover.domain) { log async throws(StorageError) in
      try await log.commits(
        of: event.cover.root, from: event.sequence, limit: ReadLimit(count: 1))
    }
    return commits.first { EventRange($0.commit).contains(event) }
  }

  func effects(
    of causes: [EventRange], after last: RecordedCommit?, in domain: Name
  ) async throws -> [RecordedCommit] {
    try await read(domain) { log async throws(StorageError) in
      try await log.effects(
        of: causes, after: last, limit: ReadLimit(count: 1024, bytes: Self.bytesMax))
    }
  }

  // MARK: Search without an index

  /// Commits of one log in one round of the search.
  private static let windowSize: UInt64 = 1024
  /// Commits to read before the search gives up.
  private static let lookedAtMax = 500_000
  private static let bytesMax = 1 << 20

  /// The commit where a trace begins. Searches for a command or correlation backward from the
  /// ends of all logs, one window of each in turn. Among several matches in a window, the latest
  /// wins.
  func find(_ start: TraceStart) async throws -> RecordedCommit {
    if case .event(let event) = start {
      if let found = try await commit(holding: event) { return found }
      throw EventSourcingError(.notFound, "there is no \(start)")
    }
    var windows = try await ends()
    var lookedAt = 0
    while !windows.isEmpty, lookedAt < Self.lookedAtMax {
      for (domain, end) in windows {
        let (found, count) = try await last(start, in: domain, upTo: end)
        if let found { return found }
        lookedAt += count
      }
      windows = windows.compactMap { domain, end in
        end.number <= Self.windowSize
          ? nil
          : (domain, Position(partition: end.partition, number: end.number - Self.windowSize))
      }
    }
    throw EventSourcingError(
      .notFound,
      "there is no \(start)"
        + (windows.isEmpty ? "" : " among the last \(lookedAt) commits; name an event instead"))
  }

  /// The end of each log's partitions.
  private func ends() async throws -> [(Name, Position)] {
    var ends: [(Name, Position)] = []
    for domain in domains {
      for partition in 0..<(try await open(domain).partitions) {
        let end = try await read(domain) { log async throws(StorageError) in
          try await log.lastCommit(ofPartition: partition)
        }
        if end.number > 0 { ends.append((domain, end)) }
      }
    }
    return ends
  }

  /// The last match in a window, and the number of commits read.
  private func last(
    _ start: TraceStart, in domain: Name, upTo end: Position
  ) async throws -> (RecordedCommit?, Int) {
    let first = end.number > Self.windowSize ? end.number - Self.windowSize : 0
    var position = Position(partition: end.partition, number: first)
    var found: RecordedCommit?
    var count = 0
    while position.number < end.number {
      let (place, left) = (position, end.number - position.number)
      let commits = try await read(domain) { log async throws(StorageError) in
        try await log.log(
          after: place, limit: ReadLimit(count: Int(left), bytes: Self.bytesMax))
      }
      guard let last = commits.last else { break }
      found = commits.last { start.matches($0) } ?? found
      count += commits.count
      position = last.position
    }
    return (found, count)
  }

  // MARK: Reading

  private func read<Outcome: Sendable>(
    _ domain: Name,
    _ body: @Sendable (any EventStore) async throws(StorageError) -> Outcome
  ) async throws -> Outcome {
    let log = try await open(domain)
    return try await gate.run {
      do throws(StorageError) { return try await body(log) } catch {
        throw EventSourcingError(error)
      }
    }
  }
}
