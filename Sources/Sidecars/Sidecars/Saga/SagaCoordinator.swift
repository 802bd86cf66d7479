import EventModel
import EventSourcing
import RPC
import Wire

/// What serves one domain in the saga role.
public struct SagaDomain: WithParkingLot {
  /// What feeds each saga from the domain.
  public var intakes: [Projector]
  public var parkingLot: ParkingLot

  public init(intakes: [Projector], parkingLot: ParkingLot) {
    self.intakes = intakes
    self.parkingLot = parkingLot
  }
}

extension Service {
  /// `evented.SagaCoordinator`: takes events on the sagas' behalf (port 1316).
  ///
  /// As for projectors, a book says how far to go, for which aggregate; the events are read from
  /// the store.
  ///
  /// - Parameter following: what came of events, as far as it is done before the deadline.
  public static func sagaCoordinator(
    _ domains: ServedDomains<SagaDomain>, deadlineDefault: Duration,
    following:
      @escaping @Sendable (EventBook, ContinuousClock.Instant) async throws ->
      ProcessorOutcome
  ) -> Service {
    Service(
      "evented.SagaCoordinator",
      [
        "Handle": .unary { request, context in
          try await answering {
            let book = try EventBook(wireBytes: request)
            for intake in try await domains.serving(book.cover.domain).intakes {
              _ = try await intake.handle(
                book.cover, upTo: book.pages.next,
                deadline: context.deadline.orAfter(deadlineDefault))
            }
            return EmptyMessage().wireBytes
          }
        },
        "HandleSync": .unary { request, context in
          try await answering {
            let book = try EventBook(wireBytes: request)
            _ = try await domains.serving(book.cover.domain)
            let outcome = try await following(book, context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(
              books: outcome.books, projections: outcome.projections
            ).wireBytes
          }
        },
      ])
  }
}
