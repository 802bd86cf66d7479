import EventModel
import Timing

/// Passes the events that a saga follows to its instances, commit by commit.
public struct SagaIntake: BookLogic {
  private let saga: Saga

  public init(for saga: Saga) { self.saga = saga }

  /// The consumer that passes one domain's events to the saga.
  public static func consumer(
    for saga: Saga, store: any ConsumerStore, environment: Environment = .live
  ) -> Projector {
    Projector(
      name: saga.name, joinsCommits: false, remembersProgress: true, store: store,
      logic: SagaIntake(for: saga), environment: environment)
  }

  /// Events without a reaction leave no id. Repeated after later events, they might cause one, so
  /// their progress is recorded at once.
  public func handle(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Handled {
    guard let delivery = saga.delivery(of: book) else { return .stored }
    do {
      let step = try await saga.take(delivery, deadline: deadline)
      return try step != nil || saga.isKnownToHaveFinished(delivery.cover.root)
        ? .stored : .projected(nil)
    } catch { throw LogicError(delivering: error) }
  }

  /// Stores refused events in their instance, so that other instances with events of the same
  /// aggregate continue.
  public func setAside(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bool {
    guard let delivery = saga.delivery(of: book) else { return true }
    do { try await saga.keep(delivery, deadline: deadline) } catch {
      throw LogicError(delivering: error)
    }
    return true
  }
}

extension Saga {
  /// Nil if the events belong to no instance.
  func delivery(of book: EventBook) -> Delivery? {
    guard let key = key(of: book), !key.isEmpty else { return nil }
    return Delivery(
      input: .events(book), cover: cover(of: key), key: key,
      cause: SagaCause(
        event: EventReference(cover: book.cover, sequence: book.pages.last),
        commandID: book.commandID, correlation: book.origin.correlation,
        depth: codec.depth(of: book.origin)))
  }
}

extension LogicError {
  /// Maps a saga's failure to the delivery's.
  init(delivering error: any Error) {
    switch error {
    case let error as LogicError: self = error
    default:
      let status = ErrorStatus(error)
      self = status.mayPass ? .unavailable(status.message) : .refused(error)
    }
  }
}
