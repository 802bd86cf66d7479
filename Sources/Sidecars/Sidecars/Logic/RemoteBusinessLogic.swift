import EventModel
import EventSourcing
import RPC
import Wire

/// Business logic behind gRPC: `evented.BusinessLogic`, in any language.
public struct RemoteBusinessLogic: BusinessLogic {
  private static let handle = Method(service: "evented.BusinessLogic", name: "Handle")
  private let channel: any RPCChannel
  private let address: String

  /// - Parameter address: the address, for messages.
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

/// Calls the team's code, and maps the status of a failure: refused, or unavailable.
func calling<Answer>(
  _ whom: @autoclosure () -> String, _ call: () async throws(RPCStatus) -> Answer
) async throws(LogicError) -> Answer {
  do { return try await call() } catch {
    switch error.code {
    case .unavailable: throw .unavailable("\(whom()) is not available: \(error.message)")
    case .deadlineExceeded: throw .timedOut
    case .cancelled where Task.isCancelled: throw .timedOut
    // We did not cancel: a stopping server ends its calls with this.
    case .cancelled: throw .unavailable("\(whom()) gave the call up: \(error.message)")
    default: throw .refused(error)
    }
  }
}

extension RPCStatus {
  /// Smaller requests fit any server's message limit.
  private static let requestBytesUnsuspected = 64 << 10

  /// True if the request may have exceeded the server's message limit. gRPC's own servers answer
  /// RESOURCE_EXHAUSTED then, tonic OUT_OF_RANGE; logic may use both for other reasons.
  func mayBeAbout(requestBytes: Int) -> Bool {
    (code == .resourceExhausted || code == .outOfRange)
      && requestBytes >= Self.requestBytesUnsuspected
  }

  /// The same status with context before its message and advice behind it.
  func saying(_ what: String, _ advice: String) -> RPCStatus {
    var status = self
    status.message = "\(what): \(message). \(advice)"
    return status
  }
}
