import EventModel
import EventSourcing
import RPC
import Timing
import Wire

/// Routes commands to the process that serves their domain: this one, or another's
/// `evented.BusinessCoordinator`.
public struct CommandRoutes: CommandSender {
  /// The place where a domain is served.
  public enum Route: Sendable {
    case here(CommandHandler)
    /// A channel to a command-handler.
    case there(any RPCChannel)
  }

  private static let handle = Method(service: "evented.BusinessCoordinator", name: "Handle")
  /// Asks the command-handler to conclude the command: an end without events is final.
  static let concludeKey = "outrider-conclude"
  private static let record = Method(service: "evented.BusinessCoordinator", name: "Record")
  private let route: @Sendable (Name) async throws -> Route

  /// - Parameter route: finds where a domain is served.
  public init(to route: @escaping @Sendable (Name) async throws -> Route) { self.route = route }

  public func send(
    _ command: OutgoingCommand, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (end: CommandEnd, events: EventBook?) {
    let ended = try await asking(command.cover.domain) { route in
      switch route {
      case .here(let handler):
        var command = try Command(wireBytes: command.encoded)
        command.origin = try command.origin.tracedBack
        return try await handler.concludeForSaga(command, deadline: deadline).recorded
          .map { EventBook($0) }
      case .there(let channel):
        var options = CallOptions(servingUntil: deadline)
        options.metadata.append(Self.concludeKey, "true")
        return try await Self.events(
          of: command.cover, in: channel.unary(Self.handle, command.encoded, options))
      }
    }
    switch ended {
    case .success(let events): return end(events)
    case .failure(let status):
      return (.refused(status.code, message: status.message), nil)
    }
  }

  /// The body's answer, or the final refusal.
  private func asking(
    _ domain: Name, _ body: (Route) async throws -> EventBook?
  ) async throws(LogicError) -> Result<EventBook?, RPCStatus> {
    do { return .success(try await body(try await route(domain))) } catch {
      let status = RPCStatus(thrownByUseCase: error)
      if status.isRefusal { return .failure(status) }
      throw .unavailable("\(domain) takes no commands: \(status.message)")
    }
  }

  /// An aggregate's events in a command-handler's answer, with their position.
  private static func events(of cover: Cover, in answer: Message) throws -> EventBook? {
    let response = try Evented.SynchronousProcessingResponse(wireBytes: answer)
    var book = response.books.first { $0.cover == cover }
    book?.position = response.position
    return book
  }

  private func end(_ events: EventBook?) -> (end: CommandEnd, events: EventBook?) {
    guard let events, let position = events.position else { return (.nothingToDo, nil) }
    return (.appended(EventSpan(events.pages), position), events)
  }
}

extension CommandRoutes: FactRecorder {
  public func record(
    _ book: ProposedBook, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> EventBook? {
    guard let cover = book.cover else { return nil }
    let recorded = try await asking(cover.domain) { route in
      switch route {
      case .here(let handler):
        try await handler.record(book, on: cover, deadline: deadline).recorded
          .map { EventBook($0) }
      case .there(let channel):
        try await Self.events(
          of: cover,
          in: channel.unary(Self.record, book.wireBytes, CallOptions(servingUntil: deadline)))
      }
    }
    switch recorded {
    case .success(let events): return events
    case .failure(let status): throw .refused(status)
    }
  }
}

extension CommandHandler {
  /// Handles a saga's command; a refusal ends it.
  func concludeForSaga(
    _ command: Command, deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    try await conclude(command, deadline: deadline) { RPCStatus(thrownByUseCase: $0).isRefusal }
  }
}

extension RPCStatus {
  /// True if the status is final, false if a retry may succeed.
  fileprivate var isRefusal: Bool {
    switch code {
    case .unauthenticated, .unimplemented: false
    case .notFound: !saysNotServed
    default: !ErrorStatus(self).mayPass
    }
  }
}
