import EventModel
import Files
import HTTP1
import ProtobufJSON
import RPC
import RPCTransport
import RestGateway
import SidecarConfiguration
import Sidecars

// The gateway's server, and its channels to the other roles.

extension GatewayRole {
  /// Throws `SidecarError` if strict security forbids a channel to another sidecar.
  func httpServer(_ health: HealthTable) throws(SidecarError) -> HTTPServer {
    try checkWays()
    var settings = GatewaySettings()
    settings.version = shared.version
    settings.origins = (configuration.gateway.crossOrigins?.text ?? "")
      .split(separator: " ").map { String($0) }
    settings.deadline = configuration.gateway.deadline
    settings.pageBytesMax = configuration.limit.messageSize
    let gateway = RestGateway(
      backends, settings, types: shared.payloadTypes, isServing: { health.isServing })
    let server = HTTPServer(
      gateway.service(with: eventuateRoutes, answered: metrics.answered),
      configuration.gateway.limits, tls: shared.security.web, on: shared.loops,
      sharing: shared.capacity)
    metrics.watch(server)
    return server
  }

  /// Roles of this process are called in process, by the same rules as from outside.
  private var backends: Backends {
    let ways = backends(asItself: false)
    let publisher = shared.commands.map { channel in
      InProcessChannel(
        Router([shared.guarded(.commandPublisher(to: channel))]), limits: localLimits)
    }
    return Backends(commands: ways.commands, queries: ways.queries, publisher: publisher)
  }

  /// - Parameter asItself: true: calls to other processes carry this process's token, since its
  ///   clients have none to pass on.
  func backends(
    asItself: Bool
  ) -> (
    commands: @Sendable (Name) -> any RPCChannel, queries: @Sendable (Name) -> any RPCChannel
  ) {
    let (commands, queries) = (local(.commandHandler), local(.queryHandler))
    return (
      commands: { [self] domain in
        if let endpoint = configuration.route(to: domain) {
          return remote(endpoint, domain, asItself)
        }
        return commands ?? remote(configuration.commandHandler, domain, asItself)
      },
      queries: { [self] domain in
        queries ?? remote(configuration.queryHandler, domain, asItself)
      }
    )
  }

  /// A role of this process, with all services of its port; nil if it does not play the role.
  private func local(_ role: Role) -> InProcessChannel? {
    guard shared.roles.contains(role) else { return nil }
    let services = shared.roles.named(role).services.map(shared.guarded)
    return InProcessChannel(
      Router(Service.reflecting(services, payloads: shared.payloads)), limits: localLimits)
  }

  /// Backpressure: a call in process buffers one message, so a follower that reads nothing holds
  /// no more.
  private var localLimits: RPCLimits {
    var limits = configuration.channelLimits
    limits.inProcessMessagesMax = 1
    return limits
  }

  /// Callers' tokens go to other sidecars. Throws if strict security forbids sending them without
  /// TLS.
  private func checkWays() throws(SidecarError) {
    guard configuration.tls.peerAuthorities == nil else { return }
    let routes = configuration.routes.compactMap { Endpoint($0.address) }
    let ways =
      routes
      + (shared.roles.contains(.commandHandler) ? [] : [configuration.commandHandler])
      + (shared.roles.contains(.queryHandler) ? [] : [configuration.queryHandler])
    for endpoint in distinct(ways) where !endpoint.isOnThisMachine {
      let exposure =
        "What goes to the sidecar at \(endpoint) can be read and changed on its way: there is no TLS"
      guard !configuration.security.strict else {
        throw SidecarError("\(exposure), which strict security forbids", .configuration)
      }
      shared.logger.warning("\(exposure). See docs/security.md")
    }
  }

  /// Another process's sidecar. The certificate authenticates this process there, not the caller,
  /// so the caller's access is checked here as well.
  private func remote(
    _ endpoint: Endpoint, _ domain: Name, _ asItself: Bool
  ) -> any RPCChannel {
    let channel = shared.channels.channel(toSidecar: endpoint, asItself: asItself)
    guard let admission = shared.security.admission else { return channel }
    return AdmittedChannel(channel, by: admission) { (admission) throws(RPCStatus) in
      try DomainScope.require(domain, of: admission)
    }
  }
}

extension Configuration.Gateway {
  fileprivate var limits: HTTPLimits {
    var limits = HTTPLimits()
    limits.bodyBytesMax = bodySize
    limits.idleTimeMax = idleMax
    limits.heartbeatInterval = heartbeat
    return limits
  }
}

extension Configuration {
  /// The types of the configured descriptor sets, and protobuf's own.
  func readPayloadSchema() throws(SidecarError) -> Schema {
    var schema = Schema.wellKnown
    guard let path = descriptors else { return schema }
    let files: [DescriptorFile]
    do { files = try DescriptorFile.all(at: path) } catch {
      throw SidecarError(file: "descriptors: \(path)", error)
    }
    for file in files {
      do { try schema.add(descriptorSet: file.bytes) } catch {
        throw SidecarError(file: "descriptors: \(file.path)", error)
      }
    }
    return schema
  }
}
