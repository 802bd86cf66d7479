import EventModel
import Names
import Timing

/// Lists, retries and skips the parked aggregates of one domain's consumers.
public final class ParkingLot: Sendable {
  /// A consumer of the domain's events, with its settings.
  public typealias Consumer = (consumer: Projector, settings: SubscriptionSettings)

  private let store: any ConsumerStore
  private let consumers: @Sendable () async throws(StorageError) -> [Consumer]
  private let environment: Environment

  /// - Parameter consumers: the consumers that run in this process.
  public init(
    store: any ConsumerStore, environment: Environment = .live,
    consumers: @escaping @Sendable () async throws(StorageError) -> [Consumer]
  ) {
    self.store = store
    self.environment = environment
    self.consumers = consumers
  }

  /// Covers all generations of the projectors' projections.
  public convenience init(
    store: any ConsumerStore, projectors: [DomainProjector], environment: Environment = .live
  ) {
    self.init(store: store, environment: environment) { () async throws(StorageError) in
      var consumers: [Consumer] = []
      for projector in projectors {
        for fed in try await projector.fed() { consumers.append((fed, projector.settings)) }
      }
      return consumers
    }
  }

  /// An aggregate's place in the list.
  public struct Place: Equatable, Sendable {
    public var subscription: Name
    public var root: Root

    public init(subscription: Name, root: Root) {
      self.subscription = subscription
      self.root = root
    }
  }

  /// Lists the aggregates that one subscription parked, or all that run here if nil, in the order
  /// of names and roots, after `last`.
  public func list(
    _ subscription: Name?, after last: Place? = nil, limit: Int
  ) async throws -> [ParkedAggregate] {
    let names: [Name]
    do throws(StorageError) {
      names =
        if let subscription { [subscription] } else {
          try await consumers().map(\.consumer.name).sorted()
        }
    } catch { throw EventSourcingError(error) }
    var page: [ParkedAggregate] = []
    for name in names.drop(while: { last != nil && $0 != last?.subscription }) {
      let root = name == last?.subscription ? last?.root : nil
      do {
        page += try await store.parked(by: name, after: root, limit: limit - page.count)
      } catch { throw EventSourcingError(error) }
      if page.count >= limit { break }
    }
    return page
  }

  /// Retries the aggregate's events from the refused one on, until it has caught up.
  ///
  /// Throws `.unavailable` if the consumer or the store is unavailable: the aggregate stays
  /// parked.
  ///
  /// - Returns: the aggregate if it is parked again; nil if it has caught up.
  public func retry(_ subscription: Name, root: Root) async throws -> ParkedAggregate? {
    let (parked, consumer) = try await find(subscription, root)
    let retry = ParkedRetry(
      store: store, consumer: consumer.consumer, settings: consumer.settings,
      environment: environment)
    let outcome: ParkedRetry.Outcome
    do { outcome = try await retry.run(parked) } catch { throw EventSourcingError(error) }
    switch outcome {
    case .caughtUp: return nil
    case .refused(let parked): return parked
    case .interrupted(let failure): throw EventSourcingError(.unavailable, failure.message)
    }
  }

  /// Skips the events up to and including `last`, by default only the refused one, and continues
  /// with the next. Returns as `retry` does.
  public func skip(
    _ subscription: Name, root: Root, through last: SequenceNumber? = nil
  ) async throws -> ParkedAggregate? {
    let (parked, consumer) = try await find(subscription, root)
    let skipped = last ?? parked.firstSequence
    guard skipped >= parked.firstSequence, let next = skipped.advanced(by: 1),
      try await exists(skipped, of: root)
    else {
      throw EventSourcingError(
        .precondition,
        "cannot skip through event \(skipped): \(store.domain)/\(root) is parked at event "
          + "\(parked.firstSequence), and only events from there on that exist can be left out")
    }
    do { try await consumer.consumer.skip(root, upTo: next) } catch let error as StorageError {
      throw EventSourcingError(error)
    }
    return try await retry(subscription, root: root)
  }

  private func exists(_ event: SequenceNumber, of root: Root) async throws -> Bool {
    do {
      let holding = try await store.commits(of: root, from: event, limit: ReadLimit(count: 1)).first
      return holding.map { $0.commit.pages.next > event } ?? false
    } catch { throw EventSourcingError(error) }
  }

  private func find(
    _ subscription: Name, _ root: Root
  ) async throws -> (ParkedAggregate, Consumer) {
    let consumers: [Consumer]
    do { consumers = try await self.consumers() } catch { throw EventSourcingError(error) }
    guard let consumer = consumers.first(where: { $0.consumer.name == subscription }) else {
      throw EventSourcingError(
        .notFound,
        "no subscription \(subscription) runs here: there are "
          + consumers.map(\.consumer.name).sorted().map(\.text).joined(separator: ", "))
    }
    let parked: ParkedAggregate?
    do { parked = try await store.parked(by: subscription, root: root) } catch {
      throw EventSourcingError(error)
    }
    guard let parked else {
      throw EventSourcingError(
        .notFound, "\(store.domain)/\(root) is not parked by \(subscription)")
    }
    return (parked, consumer)
  }
}
