import EventModel
import Timing

/// Keeps one projector's record of every aggregate up to date: each event once, in order, no gap.
///
/// Books may come from the log, from a synchronous command, or from outside, in any order and more
/// than once. What the record includes already is dropped; what is missing before a book is read
/// from the store first.
public final class Projector: Sendable {
  /// Of its subscription, under which its records are kept.
  public let name: Name
  public let joinsCommits: Bool
  private let projector: Name
  private let store: any ConsumerStore
  private let logic: any BookLogic
  private let environment: Environment
  private let lanes: Lanes
  private let progress: ConsumerProgress?
  private let late: LateRecords
  private let gapReadLimit = ReadLimit(count: 256, bytes: 1 << 20)

  /// - Parameters:
  ///   - generation: of the projections that it makes.
  ///   - joinsCommits: whether the logic may get several commits in one book.
  ///   - remembersProgress: whether a record that was looked up is remembered. For logic that makes
  ///     no projections, and is rarely handed events by other processes.
  public init(
    name: Name, generation: Generation = .first, joinsCommits: Bool = true,
    remembersProgress: Bool = false, store: any ConsumerStore, logic: any BookLogic,
    waitingPerRootMax: Int = 1000,
    environment: Environment = .live
  ) {
    self.name = generation.subscription(of: name)
    projector = name
    self.joinsCommits = joinsCommits
    self.store = store
    self.logic = logic
    self.environment = environment
    lanes = Lanes(waitersMax: waitingPerRootMax)
    progress = remembersProgress ? ConsumerProgress() : nil
    late = LateRecords(in: store)
  }

  /// Brings the record up to the end of the book, at least. A book without pages changes nothing.
  /// The caller vouches for the pages: they are in the store.
  ///
  /// - Parameter isNew: as `BookConsumer.consume` has it.
  /// - Returns: the aggregate's projection now; nil where there is none.
  public func handle(
    _ book: EventBook, isNew: Bool = false, deadline: ContinuousClock.Instant
  ) async throws -> Projection? {
    try await lanes.run(on: book.cover.root) {
      let record = isNew ? nil : try await record(of: book.cover.root, at: book.pages.first)
      return try await bringUp(record, book.cover, to: book.pages.next, deadline: deadline) {
        next in
        next < book.pages.first
          ? try await stored(book.cover, from: next, before: book.pages.first) : [book]
      }
    }
  }

  /// Brings the record up to the event before `end`, at least, with events read from the store.
  /// Throws `LogicError.unavailable` where the store does not have them all yet.
  ///
  /// - Returns: the aggregate's projection now; nil where there is none.
  public func handle(
    _ cover: Cover, upTo end: SequenceNumber, deadline: ContinuousClock.Instant
  ) async throws -> Projection? {
    try await lanes.run(on: cover.root) {
      let record = try await record(of: cover.root)
      return try await bringUp(record, cover, to: end, deadline: deadline) { next in
        try await stored(cover, from: next, before: end)
      }
    }
  }

  /// Hands events to the logic until the record has come to `end`.
  ///
  /// - Parameters:
  ///   - known: the record; nil: there is none.
  ///   - events: the events from the number given on, at least one.
  private func bringUp(
    _ known: ConsumerRecord?, _ cover: Cover, to end: SequenceNumber,
    deadline: ContinuousClock.Instant,
    with events: (SequenceNumber) async throws -> [EventBook]
  ) async throws -> Projection? {
    var record = known
    while (record?.next ?? .first) < end {
      for book in try await events(record?.next ?? .first) {
        guard let made = try await apply(book, to: record, deadline: deadline) else {
          // Another process was faster: go on from where it has come to.
          record = try await self.record(of: cover.root)
          break
        }
        record = made
      }
    }
    if let record { progress?.note(record.next, of: cover.root) }
    return record.flatMap { projection(of: cover, $0) }
  }

  /// What is remembered counts where events follow it without a gap: what lies in a gap, somebody
  /// may have skipped, or set aside.
  private func remembered(_ root: Root, at next: SequenceNumber) -> ConsumerRecord? {
    guard let progress, progress.next(of: root) == next else { return nil }
    return ConsumerRecord(
      subscription: name, root: root, next: next, value: nil, updatedAt: environment.now())
  }

  /// The record as remembered, or else as stored.
  private func record(
    of root: Root, at next: SequenceNumber
  ) async throws(StorageError) -> ConsumerRecord? {
    if let remembered = remembered(root, at: next) { return remembered }
    return try await record(of: root)
  }

  private func record(of root: Root) async throws(StorageError) -> ConsumerRecord? {
    if let record = late.record(of: root) { return record }
    return try await store.record(of: name, root: root)
  }

  /// The first event of the aggregate that is not handled yet.
  public func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    try await record(of: root)?.next ?? .first
  }

  /// Leaves out events before `next`, as a person decided. Nothing is ever handled twice.
  public func skip(_ root: Root, upTo next: SequenceNumber) async throws {
    try await lanes.run(on: root) {
      try await late.write(root)
      while true {
        let record = try await store.record(of: name, root: root)
        let previous = record?.next ?? .first
        guard previous < next else { return }
        let skipped = ConsumerRecord(
          subscription: name, root: root, next: next, value: record?.value,
          updatedAt: environment.now())
        if try await store.save(skipped, after: previous) {
          progress?.note(next, of: root)
          return
        }
      }
    }
  }

  /// Has the logic keep the next book elsewhere, and goes on behind it.
  public func setAside(_ cover: Cover, deadline: ContinuousClock.Instant) async throws -> Bool {
    try await lanes.run(on: cover.root) {
      try await late.write(cover.root)
      let record = try await store.record(of: name, root: cover.root)
      let next = record?.next ?? .first
      let commits = try await store.commits(of: cover.root, from: next, limit: ReadLimit(count: 1))
      guard let book = EventBook.books(of: commits, from: next).first,
        try await logic.setAside(book, deadline: deadline)
      else { return false }
      let passed = ConsumerRecord(
        subscription: name, root: cover.root, next: book.pages.next, value: record?.value,
        updatedAt: environment.now())
      // Another process that was faster has come further than this.
      _ = try await store.save(passed, after: next)
      return true
    }
  }

  /// The stored events from `next` on, as many as one read brings. They must reach further than
  /// `next`, or the repair of a gap would never end.
  private func stored(
    _ cover: Cover, from next: SequenceNumber, before end: SequenceNumber
  ) async throws -> [EventBook] {
    let commits = try await store.commits(of: cover.root, from: next, limit: gapReadLimit)
    guard let first = commits.first?.commit.pages.first, first <= next else {
      throw LogicError.unavailable(
        "events \(next) up to \(end) of \(cover) are not in the store (yet)")
    }
    return joinsCommits
      ? EventBook.joining(commits, from: next, bytesMax: gapReadLimit.bytes)
      : EventBook.books(of: commits, from: next)
  }

  /// Hands the events behind the record to the logic and stores what it made of them; nil where
  /// the record has changed meanwhile.
  private func apply(
    _ book: EventBook, to record: ConsumerRecord?, deadline: ContinuousClock.Instant
  ) async throws -> ConsumerRecord? {
    var due = book
    let next = record?.next ?? .first
    due.pages = book.pages.slice(from: next)
    let previous = record.flatMap { projection(of: book.cover, $0) }
    var made = ConsumerRecord(
      subscription: name, root: book.cover.root, next: due.pages.next, value: nil,
      updatedAt: environment.now())
    switch try await logic.handle(due, previous: previous, deadline: deadline) {
    case .projected(let value): made.value = value
    case .stored: if late.take(made, after: next) { return made }
    case .ended: if late.drop(book.cover.root) { return made }
    }
    try await late.write(book.cover.root)
    return try await store.save(made, after: next) ? made : nil
  }

  private func projection(of cover: Cover, _ record: ConsumerRecord) -> Projection? {
    guard let value = record.value, record.next > .first else { return nil }
    return Projection(
      projector: projector, cover: cover, sequence: SequenceNumber(record.next.rawValue - 1),
      value: value)
  }
}

extension Projector: BookConsumer {
  public func begin() {
    progress?.forget()
    late.begin()
    logic.begin()
  }

  public func save() async throws(StorageError) { try await late.writeAll() }

  public func end() async {
    late.end()
    // What is not written comes again, and changes nothing.
    try? await late.writeAll()
  }

  public func consume(
    _ book: EventBook, isNew: Bool, deadline: ContinuousClock.Instant
  ) async throws {
    _ = try await handle(book, isNew: isNew, deadline: deadline)
  }
}

extension Projector: SynchronousProcessor {
  public func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    do {
      let projection = try await handle(book, deadline: deadline)
      return ProcessorOutcome(projections: projection.map { [$0] } ?? [])
    } catch { throw ProcessorFailure(of: projector, error, at: book.cover) }
  }
}
