import EventModel
import EventSourcing
import RPC
import Wire

/// Serves one domain in the saga role.
public struct SagaDomain: WithParkingLot {
  /// One saga that follows the domain.
  public struct Feed: Sendable {
    /// Hands it events.
    public var intake: Projector
    /// Handles events for a client that waits.
    public var synchronous: any SynchronousProcessor

    public init(intake: Projector, synchronous: any SynchronousProcessor) {
      self.intake = intake
      self.synchronous = synchronous
    }
  }

  public var feeds: [Feed]
  public var parkingLot: ParkingLot
  private let history: any EventHistory

  public init(feeds: [Feed], parkingLot: ParkingLot, history: any EventHistory) {
    self.feeds = feeds
    self.history = history
    self.parkingLot = parkingLot
  }
}

extension Service {
  /// `evented.SagaCoordinator`: takes events on the sagas' behalf (port 1316).
  ///
  /// As for projectors, a book names an aggregate and its last event to handle, and the events
  /// come from the store. The metadata `outrider-saga` selects one saga instead of all.
  public static func sagaCoordinator(
    _ domains: ServedDomains<SagaDomain>, deadlineDefault: Duration
  ) -> Service {
    Service(
      "evented.SagaCoordinator",
      [
        "Handle": .unary { request, context in
          try await answering {
            let book = try EventBook(wireBytes: request)
            let deadline = context.deadline.orAfter(deadlineDefault)
            for feed in try await domains.serving(book.cover.domain).feeds(in: context) {
              _ = try await feed.intake.handle(
                book.cover, upTo: book.pages.next, deadline: deadline)
            }
            return EmptyMessage().wireBytes
          }
        },
        "HandleSync": .unary { request, context in
          try await answering {
            let sent = try EventBook(wireBytes: request)
            let deadline = context.deadline.orAfter(deadlineDefault)
            let domain = try await domains.serving(sent.cover.domain)
            let book = try await domain.stored(sent)
            var response = Evented.SynchronousProcessingResponse()
            for feed in domain.feeds(in: context) {
              let outcome = try await feed.synchronous.process(book, deadline: deadline)
              response.books += outcome.books
              response.projections += outcome.projections
            }
            return response.wireBytes
          }
        },
      ])
  }
}

extension SagaDomain {
  /// The saga that a call names, or all.
  fileprivate func feeds(in context: ServerContext) -> [Feed] {
    guard let name = context.metadata[RemoteSaga.nameKey] else { return feeds }
    return feeds.filter { $0.synchronous.name.text == name }
  }

  /// The book's events, read from the store.
  fileprivate func stored(_ book: EventBook) async throws -> EventBook {
    let commits = try await history.commits(
      of: book.cover.root, from: book.pages.first, limit: ReadLimit(count: 1))
    guard let stored = EventBook.books(of: commits, from: book.pages.first).first else {
      throw LogicError.unavailable(
        "event \(book.pages.first) of \(book.cover) is not in the store (yet)")
    }
    return stored
  }
}
