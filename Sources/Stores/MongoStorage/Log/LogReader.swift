import EventModel
import EventSourcing

/// Reads a domain's log in order. At a hole it waits a bounded time for the missing commit, then
/// fills the hole.
struct LogReader: Sendable {
  let calls: CallThreads
  let layout: DomainLayout
  let holes: HoleBook
  let now: @Sendable () -> Timestamp
  let ahead = ReadAhead()

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    guard position.partition < layout.partitions else { return [] }
    var position = position
    while !Task.isCancelled {
      let portion = try await portion(after: position, limit)
      let isAtEnd = portion.settled == position.number && portion.hole == nil
      if portion.settled > position.number {
        holes.passed(
          position.number + 1...portion.settled, in: position.partition, now: .now)
        position = Position(partition: position.partition, number: portion.settled)
      }
      if !portion.commits.isEmpty { return portion.commits }
      if let hole = portion.hole {
        try await settle(hole, in: position.partition)
      } else if isAtEnd {
        return []
      }
    }
    return []
  }

  /// A portion from the read-ahead, or a new one.
  private func portion(
    after position: Position, _ limit: ReadLimit
  ) async throws(StorageError) -> LogPortion {
    if let look = ahead.take(position, limit) {
      let (next, isBeyondAll) = position.number.addingReportingOverflow(
        UInt64(max(1, limit.count)))
      if !isBeyondAll { lookAhead(from: next, in: position.partition, limit) }
      // An empty or failed result may have changed since.
      if case .success(let portion) = await look.value, portion.settled > position.number {
        return portion
      }
    }
    let portion = try await look(after: position, limit)
    if portion.isFull { lookAhead(from: portion.settled, in: position.partition, limit) }
    return portion
  }

  private func lookAhead(from number: UInt64, in partition: UInt32, _ limit: ReadLimit) {
    let position = Position(partition: partition, number: number)
    ahead.put(
      position, limit,
      Task { () async -> Result<LogPortion, StorageError> in
        do throws(StorageError) {
          return .success(try await look(after: position, limit))
        } catch {
          return .failure(error)
        }
      })
  }

  private func look(
    after position: Position, _ limit: ReadLimit
  ) async throws(StorageError) -> LogPortion {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.commits(client).log(after: position, limit: limit)
    }
  }

  /// Waits for the writers of the hole, or fills it.
  private func settle(_ hole: Range<UInt64>, in partition: UInt32) async throws(StorageError) {
    switch holes.found(hole, in: partition, now: .now) {
    case .wait(let duration): try? await Task.sleep(for: duration)
    case .fill:
      let positions = hole.prefix(Limits.holesFilled).map {
        Position(partition: partition, number: $0)
      }
      try await calls.call { [layout, now] client throws(MongoFailure) in
        try layout.commits(client).fill(positions, now: now())
      }
    }
  }
}
