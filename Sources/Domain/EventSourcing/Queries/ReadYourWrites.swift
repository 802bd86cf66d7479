import EventModel
import Timing

/// Lets a query wait until a projector has handled what its caller wrote.
///
/// A position names a completed prefix of the log, so "everything up to there" has a fixed
/// meaning. A projector in this process signals its progress at once; for one in another process,
/// the checkpoint is read a few times a second.
public struct ReadYourWrites: Sendable {
  private let marks: LowWaterMarks
  private let environment: Environment

  public init(_ marks: LowWaterMarks, environment: Environment = .live) {
    self.marks = marks
    self.environment = environment
  }

  /// Returns once the projector has handled the log up to `position`, or once its record of
  /// `root` includes the commit there, if that is the root's. Parked aggregates count as handled.
  ///
  /// Throws `EventSourcingError` with `.timedOut` shortly before the deadline, so that the caller
  /// learns the projector's progress, and with `.invalid` if there is no such partition;
  /// `StorageError` if the store fails.
  public func wait(
    for projector: Name, in store: any ConsumerStore, root: Root? = nil,
    toHandle position: Position, until deadline: ContinuousClock.Instant
  ) async throws {
    guard position.partition < store.partitions else {
      throw EventSourcingError(
        .invalid,
        "at_least.partition is \(position.partition), but domain \(store.domain) has only "
          + "\(store.partitions), counted from 0")
    }
    let patience = deadline - environment.instant()
    let end = deadline - min(patience / 10, .milliseconds(100))
    let mark = marks.existing(projector, in: store, partition: position.partition)
    let recordNext = try await next(behind: position, of: root, in: store)
    var backoff = Backoff(from: .milliseconds(10), upTo: .milliseconds(250))
    while true {
      try Task.checkCancellation()
      let checkpoint = try await store.checkpoint(of: projector, partition: position.partition)
      let handled = max(checkpoint.number, mark?.number ?? 0)
      if handled >= position.number { return }
      if let recordNext, let root,
        let record = try await store.record(of: projector, root: root), record.next >= recordNext
      {
        return
      }
      let now = environment.instant()
      guard now < end else {
        let place = Position(partition: position.partition, number: handled)
        throw EventSourcingError(
          .timedOut,
          "projector \(projector) has handled the log of \(store.domain) up to \(place), and not "
            + "yet up to \(position): ask again, and see whether it runs")
      }
      let pause = min(backoff.next(random: environment.random()), end - now)
      if let mark {
        await within(pause, sleep: environment.sleep) { await mark.wait(for: position.number) }
      } else {
        try? await environment.sleep(pause)
      }
    }
  }

  /// The number after the events of the commit at the position, if it is the root's; else nil.
  private func next(
    behind position: Position, of root: Root?, in store: any ConsumerStore
  ) async throws -> SequenceNumber? {
    guard let root, position.number > 0 else { return nil }
    let before = Position(partition: position.partition, number: position.number - 1)
    let found = try await store.log(after: before, limit: ReadLimit(count: 1)).first
    guard let found, found.position == position, found.commit.cover.root == root else { return nil }
    return found.commit.pages.next
  }
}
