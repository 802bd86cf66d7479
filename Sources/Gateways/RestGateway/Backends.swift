import EventModel
import RPC

/// The sidecars that the gateway speaks for, as a client of their gRPC services.
package struct Backends: Sendable {
  /// To the command-handler of a domain.
  package let commands: @Sendable (Name) -> any RPCChannel
  /// To a query-handler.
  package let queries: @Sendable (Name) -> any RPCChannel

  package init(
    commands: @escaping @Sendable (Name) -> any RPCChannel,
    queries: @escaping @Sendable (Name) -> any RPCChannel
  ) {
    self.commands = commands
    self.queries = queries
  }
}
