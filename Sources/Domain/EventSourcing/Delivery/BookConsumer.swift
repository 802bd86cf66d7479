import EventModel

/// Handles the events that a subscription delivers, in order for each aggregate: a projector, a
/// saga.
///
/// It keeps, for each aggregate, how far it has come. It drops what comes again, and reads what is
/// missing before a book from the store first.
public protocol BookConsumer: Sendable {
  var name: Name { get }

  /// Whether one book may hold several commits. Where not, each commit is a book, however often it
  /// comes.
  var joinsCommits: Bool { get }

  /// Its subscription becomes active in this process: another may have come further than what is
  /// remembered here.
  func begin()

  /// Handles everything up to the book's end. When it comes back, the events are handled durably.
  /// Throws `LogicError`, or `StorageError`.
  ///
  /// - Parameter isNew: the book begins the aggregate, and nobody can have handled it: how far the
  ///   consumer has come with the aggregate need not be looked up. Where that is wrong, the events
  ///   are handed over once more, and what comes of it is dropped.
  func consume(_ book: EventBook, isNew: Bool, deadline: ContinuousClock.Instant) async throws

  /// Writes down how far it has come, where that was left for later. Called before the checkpoint
  /// moves past what was handled.
  func save() async throws(StorageError)

  /// Its subscription is not active in this process any more: writes down what it can, and leaves
  /// nothing for later from now on.
  func end() async

  /// The first event of the aggregate that is not handled yet.
  func next(of root: Root) async throws(StorageError) -> SequenceNumber

  /// Leaves out the events before `next`.
  func skip(_ root: Root, upTo next: SequenceNumber) async throws

  /// Keeps the aggregate's next events elsewhere, since they are refused, and goes on behind them.
  ///
  /// - Returns: false where it does not, so that the aggregate is parked.
  func setAside(_ cover: Cover, deadline: ContinuousClock.Instant) async throws -> Bool
}

extension BookConsumer {
  public func consume(_ book: EventBook, deadline: ContinuousClock.Instant) async throws {
    try await consume(book, isNew: false, deadline: deadline)
  }

  public func save() async throws(StorageError) {}
  public func end() async {}
}
