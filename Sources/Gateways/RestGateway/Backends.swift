import EventModel
import RPC

/// The gRPC services behind the gateway.
package struct Backends: Sendable {
  /// Returns a channel to the command-handler of a domain.
  package let commands: @Sendable (Name) -> any RPCChannel
  /// Returns a channel to a query-handler.
  package let queries: @Sendable (Name) -> any RPCChannel
  /// A channel to `outrider.v1.Commands/Dispatch` of the command publisher; nil: call the
  /// command-handler.
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
