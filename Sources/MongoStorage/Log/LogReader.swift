import EventModel
import EventSourcing

/// Reads a domain's log in order. At a hole it waits, a bounded time, for the commit that is on its
/// way there, then fills it.
struct LogReader: Sendable {
  let calls: CallThreads
  let layout: DomainLayout
  let holes: HoleBook
  let now: @Sendable () -> Timestamp

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    guard position.partition < layout.partitions else { return [] }
    var position = position
    while !Task.isCancelled {
      let portion = try await look(after: position, limit)
      let isAtEnd = portion.settled == position.number && portion.hole == nil
      if portion.settled > position.number {
        holes.passed(portion.settled, in: position.partition, now: .now)
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

  private func look(
    after position: Position, _ limit: ReadLimit
  ) async throws(StorageError) -> LogPortion {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.commits(client).log(after: position, limit: limit)
    }
  }

  /// Waits a while for those who are to fill the hole, or fills it for them.
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
