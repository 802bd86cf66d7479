/// A role of a process.
public enum Role: String, CaseIterable, Sendable {
  /// Handles commands with the business logic.
  case commandHandler = "command-handler"
  /// Answers queries for events, projections and the log.
  case queryHandler = "query-handler"
  /// Feeds projector logic.
  case projector = "projector"
  /// Feeds the logic of sagas, and sends their commands.
  case saga
  /// Publishes the log to the message channel, if command-handlers do not do so themselves.
  case relay = "relay"
  /// Serves commands, events, projections and the log as resources of HTTP/1.1.
  case gateway = "gateway"

  /// The roles of every deployment, which `run` plays in one process, plus sagas if configured.
  public static let standard: [Role] = [.commandHandler, .queryHandler, .projector]

  /// Roles with a gRPC server.
  public static let called = allCases.filter { $0 != .gateway }
}

extension Configuration {
  /// The roles of a process that plays all.
  public var standardRoles: [Role] { Role.standard + (sagas.isEmpty ? [] : [.saga]) + [.gateway] }

  /// The role's address from this machine; nil if it takes any free port.
  public func endpoint(of role: Role) -> Endpoint? {
    let port = port.of(role)
    guard port != 0 else { return nil }
    return .tcp(host: ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host, port: port)
  }
}

extension Configuration.Port {
  package func of(_ role: Role) -> Int {
    switch role {
    case .commandHandler: commandHandler
    case .queryHandler: queryHandler
    case .projector: projector
    case .saga: saga
    case .relay: relay
    case .gateway: gateway
    }
  }
}

extension Role {
  /// The default port.
  public var standardPort: Int { Configuration.Port().of(self) }
}
