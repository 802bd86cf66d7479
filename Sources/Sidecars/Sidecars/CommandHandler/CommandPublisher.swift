import EventModel
import EventSourcing
import RPC
import Timing
import Tracing
import Wire

extension Service {
  /// `outrider.v1.Commands` for a process that publishes commands to a channel. Only `Dispatch`,
  /// which answers once the broker has the command. Ask the command-handler for the command's
  /// state.
  public static func commandPublisher(
    to channel: any CommandChannel, environment: Environment = .live
  ) -> Service {
    Service(
      "outrider.v1.Commands",
      [
        "Dispatch": .unary { request, _ in
          try await answering {
            var dispatched = try OutriderV1.DispatchRequest(wireBytes: request).dispatched
            let reference = dispatched.named(in: environment)
            let cover = reference.cover
            try cover.domain.requireWritableByClients()
            try DomainScope.require(cover.domain)
            guard dispatched.notBefore == nil, dispatched.expiresAt == nil else {
              throw EventSourcingError(
                .invalid,
                "not_before and expires_at are for commands that are dispatched at their "
                  + "command-handler; this one goes through \(channel.name)")
            }
            try dispatched.checkedID()
            Span.current?.set("outrider.root", cover.root.description)
            do throws(ChannelError) {
              try await channel.publish(
                ChannelMessage(dispatched.command, following: Span.current?.context),
                to: cover.domain)
            } catch { throw EventSourcingError(error) }
            return OutriderV1.DispatchReceipt(reference).wireBytes
          }
        }
      ])
  }
}

extension ChannelMessage {
  /// The key is the root, so commands for one aggregate stay in order.
  init(_ command: Command, following span: SpanContext?) {
    let message = CommandMessage(command, following: span)
    self.init(
      key: command.cover.root.bytes,
      headers: message.headers.map { Header(name: $0.name, value: $0.value) }, body: message.body)
  }
}
