import EventModel
import EventSourcing
import RPC
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
            command.origin = try await causes.inherited(by: command.origin)
            let result = try await domains.serving(command.cover.domain).handle(
              command, deadline: context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
        "Record": .unary { request, context in
          try await answering {
            var book = try ProposedBook(recordRequest: request)
            book.origin = try await causes.inherited(by: book.origin)
            let cover = book.cover!  // a request to record has one, or it is refused
            let result = try await domains.serving(cover.domain).record(
              book, on: cover, deadline: context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
      ])
  }
}

extension Deadline {
  /// The instant; where there is none, the one after the time given.
  func orAfter(_ duration: Duration) -> ContinuousClock.Instant { instant ?? .now + duration }
}

extension Evented.SynchronousProcessingResponse {
  fileprivate init(_ result: CommandResult) {
    self.init(
      books: (result.recorded.map { [EventBook($0.commit)] } ?? []) + result.books,
      projections: result.projections,
      failures: result.failures.map {
        Evented.ProcessorFailure(
          processor: $0.processor, statusCode: $0.statusCode, message: $0.message, cover: $0.cover)
      },
      alreadyHandled: result.alreadyHandled, position: result.recorded?.position)
  }
}
