import EventModel
import EventSourcing
import MemoryStorage
import Synchronization
import Testing

/// Snapshots that lie elsewhere, and what becomes of them where that place has lost them.
@Suite(.timeLimit(.minutes(1))) final class ShelvedSnapshotsTests: Sendable {
  private let shelf = Shelf()
  private let events = Mutex<[String]>([])

  private func store(
    over store: any EventStore, from size: Int = 100, commitBytesMax: Int = 10_000
  ) -> ShelvedSnapshots {
    ShelvedSnapshots(store, on: shelf, from: size, commitBytesMax: commitBytesMax) { event in
      switch event {
      case .put(_, let byteCount): self.note("put \(byteCount)")
      case .notPut(_, let error): self.note("not put: \(error.kind)")
      case .notRead(_, let error): self.note("not read: \(error.kind)")
      }
    }
  }

  private func note(_ event: String) { events.withLock { $0.append(event) } }

  private let large = Bytes(repeating: 7, count: 500)

  private func append(_ state: Bytes?, at number: UInt32, to store: any EventStore) async throws {
    let first = SequenceNumber(number)
    let snapshot = state.map { Snapshot(sequence: first, state: $0) }
    let outcome = try await store.append(commit(at: first, "e", snapshot: snapshot))
    guard case .appended = outcome else {
      Issue.record("it was not appended, but \(outcome)")
      return
    }
  }

  @Test func aLargeSnapshotLiesOnTheShelfAndReadsAsItWas() async throws {
    let inner = try await memoryStore()
    let store = store(over: inner)
    try await append(large, at: 0, to: store)
    try await append(nil, at: 1, to: store)
    #expect(events.withLock { $0 } == ["put 500"])
    #expect(try await inner.snapshot(of: root(1))?.state.count ?? 0 < 100)
    #expect(try await store.snapshot(of: root(1))?.state == large)
    let aggregate = try await store.load(root(1))
    #expect(aggregate.snapshot?.state == large && aggregate.pages.first == 1)
    #expect(aggregate.next == 2)
  }

  @Test func aSmallOneStaysInItsCommit() async throws {
    let inner = try await memoryStore()
    let store = store(over: inner)
    try await append([1, 2, 3], at: 0, to: store)
    #expect(try await inner.snapshot(of: root(1))?.state == [1, 2, 3])
    #expect(shelf.isEmpty)
  }

  @Test(arguments: ShelfError.Kind.allCases)
  func oneThatCannotBeReadIsAsGoodAsNone(_ kind: ShelfError.Kind) async throws {
    let store = store(over: try await memoryStore())
    try await append(nil, at: 0, to: store)
    try await append(large, at: 1, to: store)
    try await append(nil, at: 2, to: store)
    shelf.failReads(with: kind)
    #expect(try await store.snapshot(of: root(1)) == nil)
    let aggregate = try await store.load(root(1))
    #expect(aggregate.snapshot == nil && aggregate.pages.first == 0 && aggregate.next == 3)
    #expect(events.withLock { $0 } == ["put 500", "not read: \(kind)", "not read: \(kind)"])
  }

  @Test func whereNothingCanBePutTheCommitHoldsTheSnapshotOrNoneDoes() async throws {
    let inner = try await memoryStore()
    shelf.failWrites()
    try await append(large, at: 0, to: store(over: inner))
    #expect(try await inner.snapshot(of: root(1))?.state == large)
    let before = try await inner.snapshot(of: root(1))
    try await append(
      Bytes(repeating: 8, count: 600), at: 1, to: store(over: inner, commitBytesMax: 550))
    #expect(try await inner.snapshot(of: root(1)) == before)
    #expect(try await inner.next(of: root(1)) == 2)
    #expect(events.withLock { $0 } == ["not put: unavailable", "not put: unavailable"])
  }

  @Test func aStateThatLooksLikeAReferenceIsReadAsItWas() async throws {
    let store = store(over: try await memoryStore(), from: 1000)
    let forged = Shelf.reference + [9]
    try await append(forged, at: 0, to: store)
    #expect(try await store.snapshot(of: root(1))?.state == forged)
  }
}

/// A shelf in memory that fails on request. Its references are a mark and a number.
private final class Shelf: SnapshotShelf {
  static let reference: Bytes = [0xAB, 0xCD]

  private struct State {
    var states: [Bytes] = []
    var readFailure: ShelfError.Kind?
    var failsWrites = false
  }

  private let state = Mutex(State())

  var isEmpty: Bool { state.withLock { $0.states.isEmpty } }

  func failReads(with kind: ShelfError.Kind) { state.withLock { $0.readFailure = kind } }
  func failWrites() { state.withLock { $0.failsWrites = true } }

  func put(
    _ state: Bytes, of cover: Cover, at sequence: SequenceNumber
  ) async throws(ShelfError) -> Bytes {
    let place: UInt8? = self.state.withLock { shelf in
      if shelf.failsWrites { return nil }
      shelf.states.append(state)
      return UInt8(shelf.states.count - 1)
    }
    guard let place else { throw ShelfError(.unavailable, "away") }
    return Self.reference + [place]
  }

  func isReference(_ snapshot: Bytes) -> Bool { snapshot.starts(with: Self.reference) }

  func state(_ reference: Bytes) async throws(ShelfError) -> Bytes {
    let found: Result<Bytes, ShelfError> = state.withLock { shelf in
      if let kind = shelf.readFailure { return .failure(ShelfError(kind, "on request")) }
      return .success(shelf.states[Int(reference[2])])
    }
    return try found.get()
  }
}
