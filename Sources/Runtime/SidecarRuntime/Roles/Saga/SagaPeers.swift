import EventModel
import EventSourcing
import Payloads
import RPC
import SidecarConfiguration
import Sidecars

/// Routes sagas' commands to command-handlers, here and elsewhere.
struct SagaPeers: Sendable {
  private let directory: DomainDirectory

  init(_ directory: DomainDirectory) { self.directory = directory }

  var routes: CommandRoutes {
    CommandRoutes { [self] domain in
      if let channel = channel(to: domain) { return .there(channel) }
      if let handlers {
        return .here(try await handlers.serving(domain))
      }
      return .there(channelUnrouted)
    }
  }

  /// The schema version with a type of this fingerprint; nil if none has. Read from the store if
  /// this process handles the domain's commands, else from its command-handler.
  func schema(of domain: Name, with fingerprint: String) async throws -> DomainSchema? {
    if channel(to: domain) == nil, handlers != nil {
      let store = try await directory.storage.domain(.schemas(of: domain))
      return try await SchemaRegistry(of: domain, in: store).version(with: fingerprint)?.schema
    }
    return try await SchemaClient(channel(to: domain) ?? channelUnrouted)
      .schema(of: domain, with: fingerprint)
  }

  /// Those of this process; nil if it is no command-handler.
  private var handlers: ServedDomains<CommandHandler>? {
    directory.roles.find(CommandHandlerRole.self)?.handlers
  }

  /// Nil if no route names the domain.
  private func channel(to domain: Name) -> (any RPCChannel)? {
    directory.configuration.route(to: domain).map { directory.channels.channel(toSidecar: $0) }
  }

  /// The command-handler of domains that no route names.
  private var channelUnrouted: any RPCChannel {
    directory.channels.channel(toSidecar: directory.configuration.commandHandler)
  }
}
