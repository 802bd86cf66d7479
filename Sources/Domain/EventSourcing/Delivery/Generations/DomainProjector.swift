import EventModel
import Synchronization

/// One projector in one domain, with a `Projector` for each generation of its projections.
public final class DomainProjector: Sendable {
  public let name: Name
  public let store: any ConsumerStore
  /// Settings of each generation's subscription.
  public let settings: SubscriptionSettings
  private let live: LiveGenerations
  private let make: @Sendable (Generation) -> Projector
  private let projectors = Mutex<[Generation: Projector]>([:])

  /// - Parameter make: makes the projector of a generation.
  public init(
    name: Name, store: any ConsumerStore, settings: SubscriptionSettings = SubscriptionSettings(),
    live: LiveGenerations = LiveGenerations(),
    _ make: @escaping @Sendable (Generation) -> Projector
  ) {
    self.name = name
    self.store = store
    self.settings = settings
    self.live = live
    self.make = make
  }

  /// Returns the same projector to every caller, so that an aggregate's events are handled in
  /// order.
  public func projector(of generation: Generation) -> Projector {
    projectors.withLock { projectors in
      let projector = projectors[generation] ?? make(generation)
      projectors[generation] = projector
      return projector
    }
  }

  /// The projector of the generation that queries read.
  public func liveProjector() async throws(StorageError) -> Projector {
    projector(of: try await live.generation(of: name, in: store.domain, store))
  }

  /// The projectors of all generations that are fed, the live one first.
  func fed() async throws(StorageError) -> [Projector] {
    try await GenerationRegistry(store).find(name).fed.map(projector)
  }
}

extension DomainProjector: SynchronousProcessor {
  public func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    let projector: Projector
    do { projector = try await liveProjector() } catch {
      throw ProcessorFailure(of: name, error, at: book.cover)
    }
    return try await projector.process(book, deadline: deadline)
  }
}
