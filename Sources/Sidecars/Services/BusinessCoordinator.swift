import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `evented.BusinessCoordinator`: takes commands, and facts to record (port 1313).
  ///
  /// - Parameter deadlineDefault: the time for a call whose caller set none.
  public static func businessCoordinator(
    _ domains: ServedDomains<CommandHandler>, deadlineDefault: Duration
  ) -> Service {
    Service(
      "evented.BusinessCoordinator",
      [
        "Handle": .unary { request, context in
          try await answering {
            let command = try Command(wireBytes: request)
            let result = try await domains.serving(command.cover.domain).handle(
              command, deadline: context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
        "Record": .unary { request, context in
          try await answering {
            let (cover, book) = try ProposedBook.toRecord(request)
            let result = try await domains.serving(cover.domain).record(
              book, on: cover, deadline: context.deadline.orAfter(deadlineDefault))
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
      ])
  }
}

extension ProposedBook {
  /// A book that a client sends must say whose it is, and hold something.
  fileprivate static func toRecord(_ request: Bytes) throws -> (Cover, ProposedBook) {
    let book = try ProposedBook(wireBytes: request)
    guard let cover = book.cover else {
      throw EventSourcingError(.invalid, "cover is missing")
    }
    guard !book.pages.isEmpty else {
      throw EventSourcingError(.invalid, "pages is empty: there is nothing to record")
    }
    return (cover, book)
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
          processor: $0.processor, code: $0.statusCode, message: $0.message, cover: $0.cover)
      },
      alreadyHandled: result.alreadyHandled)
  }
}
