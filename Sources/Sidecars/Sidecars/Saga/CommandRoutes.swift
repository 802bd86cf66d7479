import EventModel
import EventSourcing
import RPC
import Timing
import Wire

/// Brings commands to where their domains are served: to this process, or to another's
/// `evented.BusinessCoordinator`.
public struct CommandRoutes: CommandSender {
  /// Where a domain is served.
  public enum Route: Sendable {
    case here(CommandHandler)
    /// Behind a channel to a command-handler, at that address.
    case there(any RPCChannel, address: String)
  }

  private static let handle = Method(service: "evented.BusinessCoordinator", name: "Handle")
  private let route: @Sendable (Name) async throws -> Route

  /// - Parameter route: finds where a domain is served.
  public init(to route: @escaping @Sendable (Name) async throws -> Route) { self.route = route }

  public func send(
    _ command: OutgoingCommand, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (end: CommandEnd, events: EventBook?) {
    do {
      switch try await route(command.cover.domain) {
      case .here(let handler):
        let result = try await handler.handle(
          Command(wireBytes: command.encoded), deadline: deadline)
        return end(result.recorded.map { EventBook($0) })
      case .there(let channel, _):
        let answer = try await channel.unary(
          Self.handle, command.encoded, CallOptions(servingUntil: deadline))
        let response = try Evented.SynchronousProcessingResponse(wireBytes: answer)
        var book = response.books.first { $0.cover == command.cover }
        book?.position = response.position
        return end(book)
      }
    } catch {
      let status = RPCStatus(thrownByUseCase: error)
      guard status.isRefusal else {
        throw .unavailable("\(command.cover.domain) does not take commands: \(status.message)")
      }
      return (.refused(code: status.code.rawValue, message: status.message), nil)
    }
  }

  private func end(_ events: EventBook?) -> (end: CommandEnd, events: EventBook?) {
    guard let events, let position = events.position else { return (.nothingToDo, nil) }
    return (.appended(EventSpan(events.pages), position), events)
  }
}

extension RPCStatus {
  /// Whether it is somebody's word that will not change, rather than a trouble that will pass.
  fileprivate var isRefusal: Bool {
    switch code {
    case .unavailable, .deadlineExceeded, .aborted, .cancelled, .resourceExhausted,
      .unauthenticated, .unimplemented:
      false
    case .notFound: !saysNotServed
    default: true
    }
  }
}
