import EventModel
import EventSourcing
import Synchronization

/// A log in memory that ends, and a checkpoint that can be waited for.
final class FixedLog: EventHistory, CheckpointStore, LeaseStore {
  let domain: Name = "bench"
  let partitions: UInt32 = 1
  private let commits: [RecordedCommit]
  private let reached = Mutex<UInt64>(0)
  private let (progress, moved) = AsyncStream<UInt64>.makeStream(
    bufferingPolicy: .bufferingNewest(1))

  init(_ commits: [RecordedCommit]) { self.commits = commits }

  func waitForCheckpoint(_ number: UInt64) async {
    for await reached in progress where reached >= number { return }
  }

  func log(
    after position: Position, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] {
    let start = Int(position.number)
    return Array(commits[start..<min(start + limit.count, commits.count)])
  }

  func head(ofPartition partition: UInt32) async throws(StorageError) -> Position {
    Position(number: UInt64(commits.count))
  }

  func waitForLog(after position: Position) async {
    try? await ContinuousClock().sleep(for: .seconds(3600))
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) async throws(StorageError) -> [RecordedCommit] { [] }

  func checkpoint(
    of subscription: Name, partition: UInt32
  ) async throws(StorageError) -> Position {
    Position(number: reached.withLock { $0 })
  }

  func advance(
    _ subscription: Name, to position: Position, holding lease: Lease
  ) async throws(StorageError) {
    reached.withLock { $0 = position.number }
    moved.yield(position.number)
  }

  func acquire(
    _ name: Name, owner: Name, duration: Duration
  ) async throws(StorageError) -> Lease? {
    Lease(name: name, owner: owner, token: 1)
  }

  func renew(
    _ leases: [Lease], for duration: Duration
  ) async throws(StorageError) -> [Lease] { leases }

  func release(_ lease: Lease) async throws(StorageError) {}

  func holding(of lease: Name) async throws(StorageError) -> LeaseHolding? { nil }
}

extension RecordedCommit {
  /// One event with a payload of 100 bytes, of an aggregate that is new.
  static func sample(_ number: Int) -> RecordedCommit {
    var random = SystemRandomNumberGenerator()
    let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)
    var pages = PageBlock(emptyAt: .first)
    let type = Bytes("type.googleapis.com/bank.MoneyDeposited".utf8)
    let event =
      [1 << 3 | 2, UInt8(type.count)] + type + [2 << 3 | 2, 57] + Bytes(repeating: 7, count: 57)
    pages.append(
      EventPage(
        sequence: .first, createdAt: time, body: [4 << 3 | 2, UInt8(event.count)] + event))
    return RecordedCommit(
      position: Position(number: UInt64(number)),
      commit: Commit(
        cover: Cover(domain: "bench", root: .random(using: &random)), id: .random(using: &random),
        pages: pages, createdAt: time))
  }
}
