import EventModel
import Timing

/// Hands the events that a saga follows to its instances, commit by commit.
public struct SagaIntake: BookLogic {
  private let saga: Saga

  public init(for saga: Saga) { self.saga = saga }

  /// The consumer that feeds the saga from one domain.
  public static func consumer(
    for saga: Saga, store: any ConsumerStore, environment: Environment = .live
  ) -> Projector {
    Projector(
      name: saga.name, joinsCommits: false, remembersProgress: true, store: store,
      logic: SagaIntake(for: saga), environment: environment)
  }

  /// Events that led to no step have no id: had they come again after later ones, they might.
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

  /// One instance that refuses its events does not hold up the others that events of the same
  /// aggregate belong to.
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
  /// Nil: the events belong to no instance.
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
  /// What a saga did not do, as whoever delivers to it sees it.
  init(delivering error: any Error) {
    switch error {
    case let error as LogicError: self = error
    default:
      let status = ErrorStatus(error)
      self = status.mayPass ? .unavailable(status.message) : .refused(error)
    }
  }
}
