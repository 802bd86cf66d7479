import EventModel
import Eventuate
import HTTP1
import Metrics
import RPC
import ServiceLifecycle
import SidecarConfiguration
import Sidecars
import Telemetry

// The gateway's services for Eventuate's clients.

extension GatewayRole {
  /// Empty if not enabled.
  var eventuateRoutes: [HTTPRoute] {
    guard configuration.eventuate.enabled else { return [] }
    return EntityRoutes(eventuateBackends, authenticate: authenticate).routes
  }

  /// Throws `SidecarError` if it cannot listen.
  func listenForSTOMP() async throws -> SideListener {
    let gateway = STOMPGateway(
      eventuateBackends, activity: shared.eventuate, logger: shared.logger
    ) { [authenticate] in authenticate($0, $1, .anonymous) }
    let server = STOMPServer(
      gateway, tls: shared.security.stomp, on: shared.loops, sharing: shared.capacity)
    do {
      let address = try await server.listen(
        host: configuration.host, port: configuration.eventuate.stompPort)
      return SideListener(name: "stomp", address: address, service: STOMPService(server: server))
    } catch {
      throw SidecarError("STOMP cannot be spoken: \(error)")
    }
  }

  private var eventuateBackends: EventuateBackends {
    let ways = backends(asItself: true)
    return EventuateBackends(
      commands: ways.commands, queries: ways.queries, timeout: configuration.gateway.deadline,
      types: shared.payloadTypes)
  }

  /// The caller: by API key if keys are configured, else by client certificate.
  private var authenticate: @Sendable (String?, String?, Caller) -> Caller? {
    { [keys = shared.security.apiKeys] id, secret, connection in
      guard let keys else { return connection }
      guard let id, let secret else { return nil }
      return keys.caller(of: id, secret: secret)
    }
  }
}

/// Closes STOMP connections at shutdown, while acknowledgements can still be stored.
private struct STOMPService: ServiceLifecycle.Service {
  let server: STOMPServer

  func run() async throws {
    try? await gracefulShutdown()
    await server.shutdown()
  }
}

extension EventuateActivity: Measured {
  package func write(to exposition: inout Exposition) async {
    exposition.family("outrider_eventuate_connections", .gauge, "STOMP connections.") { family in
      family.add(UInt64(max(0, connections)))
    }
    exposition.family(
      "outrider_eventuate_subscriptions", .gauge, "Subscriptions of STOMP connections."
    ) { family in family.add(UInt64(max(0, subscriptions))) }
    exposition.family(
      "outrider_eventuate_unacknowledged", .gauge,
      "Messages that STOMP clients have not acknowledged."
    ) { family in family.add(UInt64(max(0, unacknowledged))) }
    exposition.family(
      "outrider_eventuate_delivered_total", .counter, "Messages that were sent to STOMP clients."
    ) { family in family.add(delivered) }
  }
}
