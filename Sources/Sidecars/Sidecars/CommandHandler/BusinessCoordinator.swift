import EventModel
import EventSourcing
import RPC
import Timing
import Tracing
import Wire

extension Service {
  /// `evented.BusinessCoordinator`: takes commands, and facts to record (port 1313).
  ///
  /// The metadata `outrider-conclude` makes a refusal the command's end: nothing of it is stored
  /// later.
  ///
  /// - Parameter deadlineDefault: the time limit of calls that set none.
  public static func businessCoordinator(
    _ domains: ServedDomains<CommandHandler>, causes: Causes, deadlineDefault: Duration
  ) -> Service {
    Service(
      "evented.BusinessCoordinator",
      [
        "Handle": .unary { request, context in
          try await answering {
            var command = try Command(wireBytes: request)
            try command.cover.domain.requireWritableByClients()
            command.origin = try await causes.inherited(by: command.origin).tracedBack
            let handler = try await domains.serving(command.cover.domain)
            let deadline = context.deadline.orAfter(deadlineDefault)
            let result =
              context.metadata[CommandRoutes.concludeKey] == nil
              ? try await handler.handle(command, deadline: deadline)
              : try await handler.concludeForSaga(command, deadline: deadline)
            Span.current?.note(result, of: command.cover)
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
        "Record": .unary { request, context in
          try await answering {
            var book = try ProposedBook(recordRequest: request)
            let cover = book.cover!  // a request to record has one, or it is refused
            try cover.domain.requireWritableByClients()
            book.origin = try await causes.inherited(by: book.origin).tracedBack
            let result = try await domains.serving(cover.domain).record(
              book, on: cover, deadline: context.deadline.orAfter(deadlineDefault))
            Span.current?.note(result, of: cover)
            return Evented.SynchronousProcessingResponse(result).wireBytes
          }
        },
      ])
  }
}

extension Name {
  func requireWritableByClients() throws(EventSourcingError) {
    guard isInternal else { return }
    throw EventSourcingError(
      .invalid,
      "cover.domain is \(self): names that begin with $ are Outrider's own, and only it writes "
        + "there"
    )
  }
}

extension Origin {
  /// Adds the current span, if recorded, to trace what is stored next.
  var tracedBack: Origin {
    get throws { try Span.current.map { try caused(by: $0.context) } ?? self }
  }
}

extension Span {
  fileprivate func note(_ result: CommandResult, of cover: Cover) {
    set("outrider.root", cover.root.description)
    if let position = result.recorded?.position { set("outrider.position", position.number) }
  }
}

extension Deadline {
  /// The deadline; without one, `duration` from now.
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
          processor: $0.processor, statusCode: $0.statusCode, message: $0.message,
          cover: $0.cover)
      },
      alreadyHandled: result.alreadyHandled, position: result.recorded?.position)
  }
}
