import EventModel
import Synchronization
import Timing

@testable import EventSourcing

/// A consumer of a durable subscription that notes what it is told.
final class Listener: Sendable {
  private struct Notes {
    var commits: [RecordedCommit] = []
    var damaged: [UInt64] = []
    var lanes: Set<SubscriptionLane> = []
    var heldBytes = 0
    var hasEnded = false
  }

  let consumer: SubscriptionConsumer
  private let notes: NotesBox
  private let running: Task<EventSourcingError?, Never>

  private final class NotesBox: Sendable { let notes = Mutex(Notes()) }

  /// - Parameter acknowledging: whether it is done with everything at once.
  init(
    _ wish: SubscriptionConsumer.Wish, in store: any DomainStore, _ settings: ConsumerSettings,
    _ environment: Environment, acknowledging: Bool = true
  ) {
    let notes = NotesBox()
    let holder = ConsumerHolder()
    let hold: @Sendable (Int) -> Void = { count in
      notes.notes.withLock { $0.heldBytes += count }
    }
    let link = ConsumerLink(hold: hold) { message in
      notes.notes.withLock { notes in
        switch message {
        case .gained(let lane, _): notes.lanes.insert(lane)
        case .lost(let lane, _): notes.lanes.remove(lane)
        case .commit(let commit, _): notes.commits.append(commit)
        case .damage(let position, _, _): notes.damaged.append(position.number)
        }
      }
      guard acknowledging else { return }
      switch message {
      case .commit(let commit, let lane): try holder.acknowledge(commit.position, lane)
      case .damage(let position, let lane, _): try holder.acknowledge(position, lane)
      case .gained, .lost: break
      }
    }
    let consumer = SubscriptionConsumer(
      wish, in: store, link: link, settings: settings, environment: environment)
    holder.consumer.withLock { $0 = consumer }
    self.consumer = consumer
    self.notes = notes
    running = Task(executorPreference: LooseTasks.executor) {
      defer { notes.notes.withLock { $0.hasEnded = true } }
      do { try await consumer.run() } catch { return error as? EventSourcingError }
      return nil
    }
  }

  /// The positions that were delivered, in that order.
  var numbers: [UInt64] { notes.notes.withLock { $0.commits.map(\.position.number) } }
  var damaged: [UInt64] { notes.notes.withLock { $0.damaged } }
  var lanes: Set<SubscriptionLane> { notes.notes.withLock { $0.lanes } }
  var heldBytes: Int { notes.notes.withLock { $0.heldBytes } }
  var hasEnded: Bool { notes.notes.withLock { $0.hasEnded } }

  /// Whether each aggregate's events came in order, save what came again.
  var isInOrder: Bool {
    var next: [Root: SequenceNumber] = [:]
    return notes.notes.withLock(\.commits).allSatisfy { recorded in
      let pages = recorded.commit.pages
      defer { next[recorded.commit.cover.root] = pages.next }
      return next[recorded.commit.cover.root].map { pages.first <= $0 } ?? true
    }
  }

  /// What it ended with; waits for the end.
  var failure: EventSourcingError? { get async { await running.value } }

  func stop() async {
    running.cancel()
    _ = await running.value
  }
}

/// The consumer, for the link that it is made with.
private final class ConsumerHolder: Sendable {
  let consumer = Mutex<SubscriptionConsumer?>(nil)

  func acknowledge(_ position: Position, _ lane: UInt32) throws {
    try consumer.withLock(\.self)?.acknowledge(position, lane: lane)
  }
}

extension LeaseStore {
  /// Takes a lease that another holds, as if it had expired.
  func steal(_ name: Name, from owner: Name) async throws(StorageError) -> Lease? {
    guard let held = try await acquire(name, owner: owner, duration: .zero) else { return nil }
    try await release(held)
    return try await acquire(name, owner: "thief", duration: .seconds(60))
  }
}
