import EventModel
import RPC

/// The sidecars that the gateway speaks for, as a client of their gRPC services.
package struct Backends: Sendable {
  /// To the command-handler of a domain.
  package let commands: @Sendable (Name) -> any RPCChannel
  /// To a query-handler.
  package let queries: @Sendable (Name) -> any RPCChannel
  /// To `outrider.v1.Commands/Dispatch` of what publishes commands, which come to their
  /// command-handlers by and by; nil: those are asked themselves.
  package let publisher: (any RPCChannel)?

  package init(
    commands: @escaping @Sendable (Name) -> any RPCChannel,
    queries: @escaping @Sendable (Name) -> any RPCChannel, publisher: (any RPCChannel)? = nil
  ) {
    self.commands = commands
    self.queries = queries
    self.publisher = publisher
  }
}
