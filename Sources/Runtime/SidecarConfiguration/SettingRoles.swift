extension Setting where Owner == Configuration {
  /// The roles that heed it; help of the others leaves it out.
  public var roles: Set<Role> {
    switch key {
    case "port.command-handler", "partitions", "limit.commit-size", "limit.commands-queued",
      "limit.cache-size", "command.conflict-attempts", "projector.coordinator",
      "projector.synchronous", "tls.peer-authorities", "tokens.peer-file":
      [.commandHandler]
    case "port.query-handler": [.queryHandler]
    case "port.projector", "limit.subscription-window", "projector.address", "projector.tries",
      "projector.retry-time", "projector.parked-retry-interval", "projector.deadline":
      [.projector]
    case "projector.name", "projector.enabled", "command.deadline": [.commandHandler, .projector]
    case "logic.command": []
    default: Set(Role.allCases)
    }
  }
}
