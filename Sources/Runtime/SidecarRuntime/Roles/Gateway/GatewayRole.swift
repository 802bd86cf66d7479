import HTTP1
import RPC
import SidecarConfiguration
import Sidecars
import Telemetry

/// Serves clients over HTTP/1.1, and calls the other roles for them: see `HTTPGateway.swift`. Has
/// no gRPC service of its own.
struct GatewayRole: SidecarRole {
  static let role = Role.gateway
  static let needs: RoleNeeds = [.commandChannel, .payloadTypes]

  let shared: SharedParts
  let metrics = GatewayMetrics()
  var configuration: Configuration { shared.configuration }

  init(_ shared: SharedParts) { self.shared = shared }

  var measured: [any Measured] { [metrics] }

  func listen() async throws -> Servers.Server {
    let health = HealthTable(services: [])
    let server = try httpServer(health)
    do {
      let address = try await server.listen(
        host: configuration.host, port: configuration.port.gateway)
      return Servers.Server(role: Self.role, server: server, health: health, address: address)
    } catch {
      throw SidecarError("the gateway cannot listen: \(error)")
    }
  }

  func listenBesides() async throws -> [SideListener] {
    configuration.eventuate.enabled ? [try await listenForSTOMP()] : []
  }
}
