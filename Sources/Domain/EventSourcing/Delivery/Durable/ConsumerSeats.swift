import EventModel
import Timing

/// The consumers of a durable subscription in one domain, from the view of one of them.
///
/// Each has a numbered seat: a record that it confirms regularly, and that names its lanes. A
/// seat that is not confirmed for the duration of a lease is free for any consumer. Seats only
/// suggest shares; leases decide who holds a lane. A wrong clock or a paused consumer makes
/// shares uneven for a while, and does no other harm.
struct ConsumerSeats {
  private struct Seat {
    var record: ConsumerRecord
    /// The last confirmation that this consumer knows of.
    var confirmedAt: ContinuousClock.Instant
  }

  private let store: any DomainStore
  private let name: Name
  private let settings: ConsumerSettings
  private let environment: Environment
  private var seats: [Root: Seat] = [:]
  private var own: Root?
  private var ownNext = SequenceNumber.first
  /// The latest change that this consumer has read.
  private(set) var revision: Revision = 0

  init(
    _ subscription: DurableSubscription, in store: any DomainStore, _ settings: ConsumerSettings,
    _ environment: Environment
  ) {
    self.store = store
    name = subscription.seatsName
    self.settings = settings
    self.environment = environment
  }

  /// This consumer's rank and the number of consumers; nil before it has a seat.
  var standing: (rank: Int, count: Int)? {
    guard let own else { return nil }
    let others = occupied.filter { $0 != own }
    return (others.count { $0 < own }, others.count + 1)
  }

  /// The lanes that other seats claim.
  var lanesOfOthers: Set<Int> {
    Set(occupied.filter { $0 != own }.flatMap { lanes(at: $0) })
  }

  /// Reads changed seats. Returns true if any change affects the shares.
  mutating func refresh() async throws -> Bool {
    let before = occupied.map { ($0, lanes(at: $0)) }
    while true {
      let limit = ReadLimit(count: settings.seatsMax)
      let changes = try await store.changes(of: name, after: revision, limit: limit)
      for record in changes { note(record) }
      if changes.isEmpty { break }
    }
    let after = occupied.map { ($0, lanes(at: $0)) }
    return !before.elementsEqual(after) { $0.0 == $1.0 && $0.1 == $1.1 }
  }

  /// Confirms this consumer's seat with its lanes. Takes a seat if it has none, or if another
  /// consumer took its own. Throws `.exhausted` if no seat is free.
  mutating func confirm(holding lanes: [Int]) async throws {
    while true {
      if own == nil { try await choose() }
      guard let own else { continue }
      if try await save(lanes: lanes, at: own) { return }
      self.own = nil
    }
  }

  /// Gives up the seat, so that the others share its lanes at once.
  mutating func leave() async throws {
    guard let own else { return }
    _ = try await save(lanes: nil, at: own)
    self.own = nil
  }

  /// Waits until another consumer may have changed a seat.
  func waitForChanges() async {
    await store.waitForChanges(of: name, after: revision)
  }

  // MARK: Details

  /// Sorted.
  private var occupied: [Root] {
    let now = environment.instant()
    return seats.filter { root, seat in
      seat.record.value != nil
        && (root == own || seat.confirmedAt + settings.leaseDuration > now)
    }.keys.sorted()
  }

  private func lanes(at seat: Root) -> [Int] {
    let content = seats[seat]?.record.value.flatMap { RecordValue.content(of: $0) }
    return RecordValue.numbers(in: content ?? []).map { Int(clamping: $0) }
  }

  private mutating func note(_ record: ConsumerRecord) {
    revision = max(revision, record.revision)
    var confirmedAt = environment.instant()
    if seats[record.root] == nil {
      // On first sight, use the record's own age: a crash may have left it long ago.
      confirmedAt -= record.updatedAt.age(at: environment.now(), atMost: settings.leaseDuration)
    }
    seats[record.root] = Seat(record: record, confirmedAt: confirmedAt)
  }

  /// Chooses the first free seat.
  private mutating func choose() async throws {
    _ = try await refresh()
    let occupied = Set(occupied)
    let free = (0..<settings.seatsMax).lazy.map { Root(bigEndian: UInt128($0)) }
      .first { !occupied.contains($0) }
    guard let free else {
      throw EventSourcingError(
        .exhausted,
        "the subscription has \(settings.seatsMax) consumers in domain \(store.domain) already: "
          + "end one first")
    }
    own = free
    ownNext = seats[free]?.record.next ?? .first
  }

  /// Returns false if another consumer has taken the seat.
  private mutating func save(lanes: [Int]?, at seat: Root) async throws -> Bool {
    // Numbers last for centuries of confirmations. If they run out, the seat is left as it is.
    guard let next = ownNext.advanced(by: 1) else { return true }
    let record = ConsumerRecord(
      subscription: name, root: seat, next: next,
      value: lanes.map { RecordValue.value(of: RecordValue.bytes(of: $0.map { UInt64($0) })) },
      updatedAt: environment.now())
    guard try await store.save(record, after: ownNext) else { return false }
    ownNext = next
    return true
  }
}

extension Timestamp {
  /// The time since then, clamped between zero and `most`.
  fileprivate func age(at now: Timestamp, atMost most: Duration) -> Duration {
    let seconds = now.seconds - seconds
    guard seconds < most.components.seconds + 1 else { return most }
    let age = Duration.seconds(seconds) + .nanoseconds(Int64(now.nanoseconds - nanoseconds))
    return min(max(age, .zero), most)
  }
}
