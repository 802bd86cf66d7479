extension Configuration {
  /// What is wrong although every value is right by itself.
  func contradictions() -> [ConfigurationError.Problem] {
    repeated(domains.compactMap(\.name)).map { name in
      problem("domains", "\(quoted(name)) is listed twice")
    }
      + domains.flatMap { domain in
        repeated(domain.projectors.map(\.name)).map { name in
          problem("projector.name", "\(quoted(name)) is listed twice for one domain")
        }
      }
      + repeated(startedEndpoints).map { endpoint in
        problem("logic.address", "two programs would listen on \(endpoint); give each its own")
      }
      + repeated([port.commandHandler, port.queryHandler, port.projector].filter { $0 != 0 })
      .map { port in problem("port", "two roles would listen on \(port); give each its own") }
      + partitionProblems
  }

  private var partitionProblems: [ConfigurationError.Problem] {
    if case .mongodb = store { return [] }
    guard partitions > 1 else { return [] }
    return [problem("partitions", "only a store in MongoDB has more than 1")]
  }

  /// Where the programs that Outrider starts are to listen.
  private var startedEndpoints: [Endpoint] {
    domains.filter { !$0.logicCommand.isEmpty }.map(\.logic).filter { endpoint in
      if case .tcp(_, port: 0) = endpoint { false } else { true }
    }
  }

  private func problem(_ key: String, _ message: String) -> ConfigurationError.Problem {
    .init(key: key, source: nil, message: message)
  }
}

/// The values that come more than once, each once.
private func repeated<Value: Hashable>(_ values: [Value]) -> [Value] {
  var seen: Set<Value> = []
  var found: [Value] = []
  for value in values where !seen.insert(value).inserted && !found.contains(value) {
    found.append(value)
  }
  return found
}
