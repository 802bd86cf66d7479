import EventModel
import EventSourcing
import RPC
import Timing
import Tracing
import Wire

extension Service {
  /// `outrider.v1.Commands`: takes commands for asynchronous execution (port 1313).
  ///
  /// - Parameters:
  ///   - domains: the target domains.
  ///   - deadlineDefault: the longest wait for an end, for calls without a deadline.
  public static func commands(
    _ domains: ServedDomains<CommandDispatcher>, _ calls: ConsumerCalls = ConsumerCalls(),
    causes: Causes, deadlineDefault: Duration, environment: Environment = .live
  ) -> Service {
    /// The command of a call, and the dispatcher that knows it.
    @Sendable func named(
      _ request: Message
    ) async throws -> (reference: CommandReference, dispatcher: CommandDispatcher) {
      let reference = try CommandReference(wireBytes: request)
      Span.current?.set("outrider.root", reference.cover.root.description)
      return (reference, try await domains.dispatcher(of: reference.cover.domain))
    }
    return Service(
      "outrider.v1.Commands",
      [
        "Dispatch": .unary { request, _ in
          try await answering {
            var dispatched = try OutriderV1.DispatchRequest(wireBytes: request).dispatched
            let reference = dispatched.named(in: environment)
            let dispatcher = try await domains.dispatcher(of: reference.cover.domain)
            dispatched.command.origin = try await causes.inherited(
              by: dispatched.command.origin
            ).tracedBack
            Span.current?.set("outrider.root", reference.cover.root.description)
            return OutriderV1.DispatchReceipt(
              reference, alreadyDispatched: try await dispatcher.dispatch(dispatched)
            ).wireBytes
          }
        },
        "Get": .unary { request, _ in
          try await answering {
            let (reference, dispatcher) = try await named(request)
            return OutriderV1.CommandStatus(try await dispatcher.standing(of: reference)).wireBytes
          }
        },
        "Await": .unary { request, context in
          try await answering {
            let (reference, dispatcher) = try await named(request)
            return OutriderV1.CommandStatus(
              try await dispatcher.outcome(
                of: reference, until: context.deadline.orAfter(deadlineDefault))
            ).wireBytes
          }
        },
        "Cancel": .unary { request, _ in
          try await answering {
            let (reference, dispatcher) = try await named(request)
            return OutriderV1.CommandStatus(try await dispatcher.cancel(reference)).wireBytes
          }
        },
        "List": .unary { request, _ in
          try await answering {
            let request = try OutriderV1.ListCommandsRequest(wireBytes: request)
            let (commands, next) = try await domains.dispatcher(of: request.domain).pending(
              after: request.page.token, limit: request.page.limit)
            return OutriderV1.ListCommandsResponse(
              commands: commands.map { OutriderV1.CommandStatus($0) }, nextPage: next
            ).wireBytes
          }
        },
        "Watch": .serverStreaming { request, responses, context in
          try await answering {
            let request = try OutriderV1.WatchCommandsRequest(wireBytes: request)
            let dispatcher = try await domains.dispatcher(of: request.domain)
            try await calls.run {
              try await dispatcher.watch(hold: { try await context.hold($0) }) { standing in
                let status = OutriderV1.CommandStatus(standing).wireBytes
                // What it was made of stays until it is sent.
                try await context.hold(status.count)
                try await responses.send(status)
                try await context.hold(-status.count)
              }
            }
          }
        },
      ])
  }
}

extension ServedDomains<CommandDispatcher> {
  /// Outrider's own domains take no commands.
  fileprivate func dispatcher(of domain: Name) async throws -> CommandDispatcher {
    try domain.requireWritableByClients()
    return try await serving(domain)
  }
}

extension DispatchedCommand {
  /// Sets an id if the command has none.
  mutating func named(in environment: Environment) -> CommandReference {
    var random = environment.generator
    let id = command.id ?? "\(Root.timeOrdered(at: environment.now(), using: &random))"
    if command.id == nil { command = command.identified(as: id) }
    return CommandReference(cover: command.cover, commandID: id)
  }
}

extension OutriderV1.CommandStatus {
  fileprivate init(_ standing: CommandStanding) {
    let dispatched = standing.dispatched
    self.init(
      OutriderV1.CommandOutcome(
        dispatched.command, end: standing.end, events: standing.events, endedAt: standing.endedAt),
      dispatchedAt: standing.dispatchedAt, notBefore: dispatched.notBefore,
      expiresAt: dispatched.expiresAt)
  }
}
