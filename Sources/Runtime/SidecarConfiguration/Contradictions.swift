extension Configuration {
  /// Errors between values that are each valid.
  func contradictions() -> [ConfigurationError.Problem] {
    repeated(domains.compactMap(\.name)).map { name in
      problem("domains", "\(quoted(name.text)) is listed twice")
    }
      + domains.filter { $0.name == nil && $0.schema.file != nil }.map { _ in
        problem(
          "schema.file", "a schema is of one domain: name it by domain, or by name in domains")
      }
      + domains.flatMap { domain in
        repeated(domain.projectors.map(\.name)).map { name in
          problem("projector.name", "\(quoted(name.text)) is listed twice for one domain")
        }
      }
      + domains.flatMap(\.projectors).map(\.name).filter { $0.text.contains("/") }.map { name in
        problem(
          "projector.name",
          "\(quoted(name.text)) has a slash, behind which the number of a generation stands")
      }
      + domains.filter { $0.logic.web != nil && $0.logicStyle != .functions }.map { domain in
        problem(
          "logic.style", "\(domain.logic) is HTTP, which is for functions: set logic.style, too")
      }
      + securityContradictions
      + repeated(startedEndpoints).map { endpoint in
        problem("logic.address", "two programs would listen on \(endpoint); give each its own")
      }
      + repeated(Role.allCases.map(port.of).filter { $0 != 0 })
      .map { port in problem("port", "two roles would listen on \(port); give each its own") }
      + storeProblems + sizeProblems + limitProblems + channelProblems + sagaProblems
      + eventuateProblems
  }

  private var eventuateProblems: [ConfigurationError.Problem] {
    guard eventuate.enabled else { return [] }
    var problems: [ConfigurationError.Problem] = []
    if knowsCallers, eventuate.apiKeys == nil {
      problems.append(
        problem(
          "eventuate.api-keys", "callers must prove who they are, and Eventuate's can by keys only")
      )
    }
    if eventuate.stompPort != 0, Role.allCases.map(port.of).contains(eventuate.stompPort) {
      problems.append(problem("eventuate.stomp-port", "a role listens there; give it its own"))
    }
    return problems
  }

  private var sagaProblems: [ConfigurationError.Problem] {
    repeated(sagas.map(\.name)).map { name in
      problem("sagas", "\(quoted(name.text)) is listed twice")
    }
      // Both would store their progress under the name.
      + sagas.map(\.name).filter(domains.flatMap(\.projectors).map(\.name).contains).map { name in
        problem("sagas", "\(quoted(name.text)) is the name of a projector, too")
      }
      + sagas.enumerated().flatMap { index, saga in
        saga.contradictions.map { problem("sagas[\(index)].rules", $0) }
      }
  }

  private var channelProblems: [ConfigurationError.Problem] {
    switch source {
    case .log, .queryHandler: return []
    case .rabbitmq, .kafka:
      if channel?.source == source { return [] }
      return [
        problem("source", "\(source.rawValue) needs a channel of that kind: set channel, too")
      ]
    }
  }

  private var limitProblems: [ConfigurationError.Problem] {
    let room = min(limit.memory, limit.connectionMemory)
    return limit.messageSize <= room
      ? []
      : [
        problem(
          "limit.message-size",
          "no message would fit; raise limit.memory and limit.connection-memory")
      ]
  }

  /// Warnings at start, one sentence each.
  package var warnings: [String] { unheeded + sizeWarnings }

  /// Warns of the message limits that a larger setting needs elsewhere.
  private var sizeWarnings: [String] {
    guard limit.commitSize > Limit().commitSize else { return [] }
    return [
      "limit.commit-size is above \(ValueFormat<Int>.bytes(Limit().commitSize)): the other sidecars, "
        + "the business logic, projectors' logic and clients must take messages of "
        + "\(ValueFormat<Int>.bytes(messageSizeNeeded)), and gRPC takes 4MiB unless told otherwise"
    ]
  }

  /// A stored commit could never be read or delivered.
  private var sizeProblems: [ConfigurationError.Problem] {
    guard limit.commitSize > limit.commitSizeMax else { return [] }
    return [
      problem(
        "limit.commit-size",
        "a commit of \(ValueFormat<Int>.bytes(limit.commitSize)) needs messages of "
          + "\(ValueFormat<Int>.bytes(messageSizeNeeded)); raise limit.message-size to that, and the "
          + "message limits of the other sidecars, the logic, the projectors and the clients")
    ]
  }

  /// Rounded up to whole KiB.
  private var messageSizeNeeded: Int { (limit.commitSize + 3071) / 3072 * 4096 }

  private var storeProblems: [ConfigurationError.Problem] {
    if case .mongodb = store {
      // MongoDB limits documents to 16 MiB, which also hold a snapshot and names.
      if limit.commitSize <= 12 << 20 { return [] }
      return [problem("limit.commit-size", "MongoDB takes 12MiB at most")]
    }
    return partitions == 1 ? [] : [problem("partitions", "only a store in MongoDB has more than 1")]
  }

  private var securityContradictions: [ConfigurationError.Problem] {
    var problems: [ConfigurationError.Problem] = []
    if (tls.certificate == nil) != (tls.key == nil) {
      problems.append(problem("tls.key", "a certificate and its key go together"))
    }
    if tls.clientAuthorities != nil, tls.certificate == nil {
      problems.append(
        problem("tls.client-authorities", "clients show certificates only to a server with TLS"))
    }
    if tokens.keys == nil, tokens.issuer != nil || tokens.audience != nil {
      problems.append(problem("tokens.keys", "tokens are checked only where there are keys"))
    }
    if tokens.keysAuthorities != nil, tokens.keys?.isSecure != true {
      problems.append(
        problem(
          "tokens.keys-authorities", "only keys that come by https:// have a server to be sure of"))
    }
    if traces.authorities != nil, traces.endpoint?.isSecure != true {
      problems.append(
        problem(
          "traces.authorities", "only a collector at https:// has a certificate to be sure of"))
    }
    if traces.headersFile != nil, let collector = traces.endpoint, collector.isInTheClear {
      problems.append(
        problem(
          "traces.headers-file",
          "the headers would go to \(collector) in the clear; use https://"))
    }
    if snapshots.store != nil, snapshots.credentialsFile == nil {
      problems.append(
        problem("snapshots.credentials-file", "an object store wants to know who asks"))
    }
    if snapshots.authorities != nil, snapshots.store?.isSecure != true {
      problems.append(
        problem(
          "snapshots.authorities", "only a server at https:// has a certificate to be sure of"))
    }
    if tokens.peerFile != nil, let peer = peerInTheClear {
      problems.append(
        problem(
          "tokens.peer-file",
          "the token would go to \(peer) in the clear; set tls.peer-authorities"))
    }
    if !policy.isEmpty, !knowsCallers {
      problems.append(
        problem(
          "policy", "nobody can prove who they are; set tls.client-authorities or tokens.keys"))
      return problems
    }
    return problems + checkedPolicy.problems
  }

  /// A sidecar on another machine that is called without TLS.
  private var peerInTheClear: Endpoint? {
    guard tls.peerAuthorities == nil else { return nil }
    let coordinators = domains.flatMap(\.projectors).filter { $0.enabled && $0.synchronous }
      .map(\.coordinator)
    return (coordinators + sagaPeers + (source == .log ? [] : [queryHandler]))
      .first { !$0.isOnThisMachine }
  }

  /// The addresses of programs that Outrider starts.
  private var startedEndpoints: [Endpoint] {
    domains.filter { !$0.logicCommand.isEmpty }.compactMap(\.logicAddress?.endpoint).filter {
      endpoint in
      if case .tcp(_, port: 0) = endpoint { false } else { true }
    }
  }

  private func problem(_ key: String, _ message: String) -> ConfigurationError.Problem {
    .init(key: key, source: nil, message: message)
  }
}

extension SagaConfiguration {
  /// Settings that exclude `rules`.
  fileprivate var contradictions: [String] {
    guard rules != nil else { return [] }
    var found: [String] = []
    if logicAddress != nil || !logicCommand.isEmpty {
      found.append("rules are its logic; leave out logic, or rules")
    }
    if style == .evented { found.append("rules answer reactions; leave out style: evented") }
    return found
  }
}

/// Values that occur more than once, each listed once.
private func repeated<Value: Hashable>(_ values: [Value]) -> [Value] {
  var seen: Set<Value> = []
  var found: [Value] = []
  for value in values where !seen.insert(value).inserted && !found.contains(value) {
    found.append(value)
  }
  return found
}
