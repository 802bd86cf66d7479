import EventModel

/// The aggregates that one domain's consumers have set aside: to look at, to retry, to skip.
public final class ParkingLot: Sendable {
  private let store: any DomainStore
  private let consumers: [Name: any BookConsumer]
  private let settings: SubscriptionSettings
  private let environment: Environment

  public init(
    store: any DomainStore, consumers: [any BookConsumer],
    settings: SubscriptionSettings = SubscriptionSettings(), environment: Environment = .live
  ) {
    self.store = store
    self.consumers = Dictionary(consumers.map { ($0.name, $0) }) { first, _ in first }
    self.settings = settings
    self.environment = environment
  }

  /// What is parked by one subscription, or by all where nil, oldest first.
  public func list(_ subscription: Name?) async throws -> [ParkedAggregate] {
    do { return try await store.parked(by: subscription) } catch { throw EventSourcingError(error) }
  }

  /// Tries the aggregate's events again, from the first that was refused, until it has caught up.
  ///
  /// - Returns: how it is parked now; nil where it flows again.
  public func retry(_ subscription: Name, root: Root) async throws -> ParkedAggregate? {
    let (parked, consumer) = try await find(subscription, root)
    do {
      try await catchUp(root, consumer)
      try await store.unpark(subscription, root: root)
      // Whatever the subscription passed over while the aggregate was still parked is in the
      // store by now.
      try await catchUp(root, consumer)
      return nil
    } catch let error as StorageError {
      throw EventSourcingError(error)
    } catch {
      return try await parkAgain(parked, consumer, DeliveryFailure(error))
    }
  }

  /// Leaves out the events up to and including `last`, by default the one that was refused, and
  /// goes on behind them.
  public func skip(
    _ subscription: Name, root: Root, through last: SequenceNumber? = nil
  ) async throws -> ParkedAggregate? {
    let (parked, consumer) = try await find(subscription, root)
    let end: SequenceNumber
    do { end = try await store.next(of: root) } catch { throw EventSourcingError(error) }
    let skipped = last ?? parked.firstSequence
    guard skipped >= parked.firstSequence, skipped < end,
      let next = skipped.advanced(by: 1)
    else {
      throw EventSourcingError(
        .precondition,
        "cannot skip through event \(skipped): the parked events of \(store.domain)/\(root) are "
          + "\(parked.firstSequence) up to \(end)")
    }
    do { try await consumer.skip(root, upTo: next) } catch let error as StorageError {
      throw EventSourcingError(error)
    }
    return try await retry(subscription, root: root)
  }

  private func find(
    _ subscription: Name, _ root: Root
  ) async throws -> (ParkedAggregate, any BookConsumer) {
    guard let consumer = consumers[subscription] else {
      throw EventSourcingError(
        .notFound,
        "no subscription \(subscription) runs here: there are "
          + consumers.keys.sorted().map(\.text).joined(separator: ", "))
    }
    guard let parked = try await list(subscription).first(where: { $0.root == root }) else {
      throw EventSourcingError(
        .notFound, "\(store.domain)/\(root) is not parked by \(subscription)")
    }
    return (parked, consumer)
  }

  private func catchUp(_ root: Root, _ consumer: any BookConsumer) async throws {
    var next = try await consumer.next(of: root)
    while true {
      let commits = try await store.commits(of: root, from: next, limit: ReadLimit(commits: 64))
      guard let last = commits.last?.commit.pages.next, next < last else { return }
      for commit in commits {
        try await consumer.consume(
          EventBook(commit.commit), deadline: environment.instant() + settings.deliveryTimeout)
      }
      next = last
    }
  }

  private func parkAgain(
    _ parked: ParkedAggregate, _ consumer: any BookConsumer, _ failure: DeliveryFailure
  ) async throws -> ParkedAggregate {
    do {
      var parked = parked
      parked.firstSequence = try await consumer.next(of: parked.root)
      parked.reason = failure.message
      parked.statusCode = failure.statusCode
      parked.tries += 1
      try await store.park(parked)
      return parked
    } catch { throw EventSourcingError(error) }
  }
}
