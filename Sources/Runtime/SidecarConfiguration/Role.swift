/// What a process does.
public enum Role: String, CaseIterable, Sendable {
  /// Takes commands, and asks business logic.
  case commandHandler = "command-handler"
  /// Answers queries for events, projections and the log.
  case queryHandler = "query-handler"
  /// Feeds projector logic.
  case projector = "projector"
  /// Feeds the logic of sagas, and sends the commands that it wants sent.
  case saga
  /// Publishes the log to the message channel, where command-handlers are not to do it themselves.
  case relay = "relay"
  /// Offers commands, events, projections and the log as resources of HTTP/1.1.
  case gateway = "gateway"

  /// What every deployment has, and `run` plays in one process, with sagas where there are any.
  public static let standard: [Role] = [.commandHandler, .queryHandler, .projector]

  /// Those whose servers speak gRPC.
  public static let called = allCases.filter { $0 != .gateway }
}

extension Configuration {
  /// What one process plays that is to play everything.
  public var standardRoles: [Role] { Role.standard + (sagas.isEmpty ? [] : [.saga]) + [.gateway] }

  /// Where a role's server is reached from this machine; nil where it takes any free port.
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
  /// The port that it has unless it is told another.
  public var standardPort: Int { Configuration.Port().of(self) }
}
