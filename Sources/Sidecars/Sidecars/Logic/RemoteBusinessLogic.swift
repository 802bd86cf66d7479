import EventModel
import EventSourcing
import RPC
import Wire

/// Business logic behind gRPC: `evented.BusinessLogic`, in any language.
public struct RemoteBusinessLogic: BusinessLogic {
  private static let handle = Method(service: "evented.BusinessLogic", name: "Handle")
  private let channel: any RPCChannel
  private let address: String

  /// - Parameter address: where it is, for messages.
  public init(_ channel: any RPCChannel, at address: String) {
    self.channel = channel
    self.address = address
  }

  public func handle(
    _ command: Command, on aggregate: Aggregate, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> ProposedBook {
    let request = Evented.ContextualCommand(command, on: aggregate).wireBytes
    let answer: Message
    do {
      answer = try await calling("business logic at \(address)") { () throws(RPCStatus) in
        try await channel.unary(
          Self.handle, request, CallOptions(servingUntil: deadline))
      }
    } catch .refused(let status as RPCStatus) where status.mayBeAbout(requestBytes: request.count) {
      throw .refused(
        status.saying(
          "business logic at \(address) refused a message of \(request.count) bytes",
          "The history of \(command.cover) has \(aggregate.pages.count) events, "
            + "\(aggregate.historyByteCount) bytes with its snapshot. If it is too long for the "
            + "logic's server, let the logic give snapshots, write it as functions, which get a "
            + "state instead (logic.style), or raise the server's message limit (4 MiB unless set)"
        ))
    }
    do { return try ProposedBook(wireBytes: answer) } catch {
      throw .malformed("business logic at \(address) answered a wrong book: \(error)")
    }
  }
}

/// Makes a call to the team's code; the status that it fails with says whether the code refused, or
/// was not there.
func calling<Answer>(
  _ whom: @autoclosure () -> String, _ call: () async throws(RPCStatus) -> Answer
) async throws(LogicError) -> Answer {
  do { return try await call() } catch {
    switch error.code {
    case .unavailable: throw .unavailable("\(whom()) is not available: \(error.message)")
    case .deadlineExceeded: throw .timedOut
    case .cancelled where Task.isCancelled: throw .timedOut
    // Not by us: servers that stop end their calls so.
    case .cancelled: throw .unavailable("\(whom()) gave the call up: \(error.message)")
    default: throw .refused(error)
    }
  }
}

extension RPCStatus {
  /// Requests below this size fit into any server's messages.
  private static let requestBytesUnsuspected = 64 << 10

  /// Whether the request may have been too large for its server. gRPC's own servers say
  /// RESOURCE_EXHAUSTED then, and tonic OUT_OF_RANGE; so may logic, about something else.
  func mayBeAbout(requestBytes: Int) -> Bool {
    (code == .resourceExhausted || code == .outOfRange)
      && requestBytes >= Self.requestBytesUnsuspected
  }

  /// The same status, with what happened before its message and what to do behind it.
  func saying(_ what: String, _ advice: String) -> RPCStatus {
    var status = self
    status.message = "\(what): \(message). \(advice)"
    return status
  }
}
