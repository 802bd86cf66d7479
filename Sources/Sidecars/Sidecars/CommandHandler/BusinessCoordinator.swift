import EventModel
import EventSourcing
import RPC
import Timing
import Wire

extension Service {
  /// `evented.BusinessCoordinator`: takes commands, and facts to record (port 1313).
  ///
  /// - Parameter deadlineDefault: the time for a call whose caller set none.
  public static func businessCoordinator(
    _ domains: ServedDomains<CommandHandler>, causes: Causes, deadlineDefault: Duration
  ) -> Service {
    Service(
      "evented.BusinessCoordinator",
      [
        "Handle": .unary { request, context in
          try await answering {
            var command = try Command(wireBytes: request)
            try command.cover.requireWritableByClients()
            command.origin = try await causes.inherited(by: command.origin)
            let result = try await domains.serving(command.cover.domain).handle(
              command, deadline: context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
        "Record": .unary { request, context in
          try await answering {
            var book = try ProposedBook(recordRequest: request)
            let cover = book.cover!  // a request to record has one, or it is refused
            try cover.requireWritableByClients()
            book.origin = try await causes.inherited(by: book.origin)
            let result = try await domains.serving(cover.domain).record(
              book, on: cover, deadline: context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
      ])
  }
}

extension Cover {
  fileprivate func requireWritableByClients() throws(EventSourcingError) {
    guard domain.isInternal else { return }
    throw EventSourcingError(
      .invalid,
      "cover.domain is \(domain): names that begin with $ are Outrider's own, and only it writes there"
    )
  }
}

extension Deadline {
  /// The instant; where there is none, the one after the time given.
  func orAfter(_ duration: Duration) -> ContinuousClock.Instant {
    instant ?? Environment.live.instant() + duration
  }
}

extension Evented.SynchronousProcessingResponse {
  fileprivate init(_ result: CommandResult) {
    self.init(
      books: (result.recorded.map { [EventBook($0.commit)] } ?? []) + result.books,
      projections: result.projections,
      failures: result.failures.map {
        Evented.ProcessorFailure(
          processor: $0.processor, statusCode: $0.statusCode.rawValue, message: $0.message,
          cover: $0.cover)
      },
      alreadyHandled: result.alreadyHandled, position: result.recorded?.position)
  }
}
