// The tables of all settings. A new setting is a property with its default, and a line here.

extension Setting where Owner == Configuration {
  /// Settings with flag, variable and place in the file: the process's own, then those of its one
  /// domain.
  public static let all: [Setting] = process + ofDomain + ofProjector

  /// The flag for the name of a single domain is just `domain`.
  private static let ofDomain: [Setting] = Setting<DomainConfiguration>.ofEachDomain.map {
    $0.lifted(\.domains[0], key: $0.key == "name" ? "domain" : $0.key, scope: .domain)
  }

  private static let ofProjector: [Setting] = Setting<ProjectorConfiguration>.ofEachProjector.map {
    $0.lifted(\.domains[0].projectors[0], key: "projector.\($0.key)", scope: .projector)
  }

  /// Settings of the process.
  static let process: [Setting] = [
    row("store", \.store, .store, "Where events are kept."),
    row(
      "partitions", \.partitions, .integer(1...1024),
      "How many parts a domain's log has, fixed when it is created; more than 1 in MongoDB only."
    ).heeded(by: .commandHandler),
    row(
      "channel", \.channel, .optional(.channel),
      "The message broker that command-handlers publish to, and others may take events from."
    ).heeded(by: .commandHandler, .projector, .saga, .relay, .gateway),
    row(
      "source", \.source, .choice(),
      "Where projectors and sagas take events from; but for the log, none needs the event store."
    ).heeded(by: .projector, .saga),
    row(
      "query-handler", \.queryHandler, .endpoint,
      "The query-handler of gateways, and of projectors and sagas whose source is not the log."
    ).heeded(by: .projector, .saga, .gateway),
    row(
      "command-handler", \.commandHandler, .endpoint,
      "Where sagas and gateways find the command-handler of domains that no route names."
    ).heeded(by: .saga, .gateway),
    row(
      "descriptors", \.descriptors, .optional(.path),
      "A descriptor set, or a directory of some, that reflection serves beside the logic's own."
    ),
    row("host", \.host, .name, "The interface to listen on; 0.0.0.0 means every one."),
    row(
      "port.command-handler", \.port.commandHandler, .port,
      "Where the command-handler listens; 0 means any free port."
    ).heeded(by: .commandHandler),
    row(
      "port.query-handler", \.port.queryHandler, .port,
      "Where the query-handler listens; 0 means any free port."
    ).heeded(by: .queryHandler),
    row(
      "port.projector", \.port.projector, .port,
      "Where the projector listens; 0 means any free port."
    ).heeded(by: .projector),
    row(
      "port.saga", \.port.saga, .port,
      "Where the saga listens; 0 means any free port."
    ).heeded(by: .saga),
    row(
      "port.relay", \.port.relay, .port,
      "Where a relay by itself listens; 0 means any free port."
    ).heeded(by: .relay),
    row(
      "port.gateway", \.port.gateway, .port,
      "Where the gateway listens, for HTTP/1.1; 0 means any free port."
    ).heeded(by: .gateway),
    row(
      "gateway.deadline", \.gateway.deadline, .duration(.milliseconds(1)...(.seconds(86_400))),
      "The time for a request that sets none with Request-Timeout."
    ).heeded(by: .gateway),
    row(
      "gateway.body-size", \.gateway.bodySize, .byteSize(1 << 10...1 << 30),
      "The longest body of a request that is taken in."
    ).heeded(by: .gateway),
    row(
      "gateway.idle-max", \.gateway.idleMax, .duration(.seconds(1)...(.seconds(86_400))),
      "After how long without a request a connection is closed."
    ).heeded(by: .gateway),
    row(
      "gateway.heartbeat", \.gateway.heartbeat, .duration(.seconds(1)...(.seconds(3600))),
      "How often server-sent events show a sign of life while nothing happens."
    ).heeded(by: .gateway),
    row(
      "gateway.cors-origins", \.gateway.crossOrigins, .optional(.words),
      "Origins whose pages may read answers in a browser, with blanks between; * means every one."
    ).heeded(by: .gateway),
    row(
      "eventuate.enabled", \.eventuate.enabled, .boolean,
      "Whether the gateway serves Eventuate's clients: /entity over HTTP, and STOMP."
    ).heeded(by: .gateway).alsoNamed("eventuate"),
    row(
      "eventuate.stomp-port", \.eventuate.stompPort, .port,
      "Where STOMP is spoken with Eventuate's clients; 0 means any free port."
    ).heeded(by: .gateway),
    row(
      "eventuate.api-keys", \.eventuate.apiKeys, .optional(.path),
      "A file with the API keys of Eventuate's clients; without, they need none."
    ).heeded(by: .gateway),
    row(
      "connection.age-max", \.connection.ageMax, .duration(.zero...(.seconds(86_400))),
      "After how long a client is asked to connect anew; 0s means never."),
    row(
      "connection.age-grace", \.connection.ageGrace, .duration(.zero...(.seconds(86_400))),
      "How long the calls under way on such a connection may go on."),
    row(
      "connection.idle-max", \.connection.idleMax, .duration(.zero...(.seconds(86_400))),
      "After how long without a call a connection is closed; 0s means never."),
    row(
      "connection.request-timeout", \.connection.requestTimeout,
      .duration(.zero...(.seconds(86_400))),
      "How long a request of one message may take to arrive; 0s means for ever."),
    row(
      "tls.certificate", \.tls.certificate, .optional(.path),
      "The certificate of the servers, in PEM form, with those between it and its authority."),
    row("tls.key", \.tls.key, .optional(.path), "The certificate's private key, in PEM form."),
    row(
      "tls.client-authorities", \.tls.clientAuthorities, .optional(.path),
      "CA certificates of clients, in PEM form; default: clients need no certificate."),
    row(
      "tls.peer-authorities", \.tls.peerAuthorities, .optional(.path),
      "CA certificates of other sidecars, in PEM form; default: they are called without TLS."
    ).heeded(by: .commandHandler, .projector, .saga, .gateway),
    row(
      "tokens.keys", \.tokens.keys, .optional(.keySource),
      "Keys that verify callers' bearer tokens: a JSON Web Key Set, or keys in PEM form."),
    row(
      "tokens.keys-authorities", \.tokens.keysAuthorities, .optional(.path),
      "CA certificates of the keys' server, in PEM form; default: the system's."),
    row("tokens.issuer", \.tokens.issuer, .optional(.words), "Whom tokens must be from."),
    row("tokens.audience", \.tokens.audience, .optional(.words), "Whom tokens must be for."),
    row(
      "tokens.peer-file", \.tokens.peerFile, .optional(.path),
      "A file with the bearer token to show to other sidecars."
    ).heeded(by: .commandHandler, .projector, .saga, .gateway),
    row(
      "security.strict", \.security.strict, .boolean,
      "Whether to refuse to start where strangers could listen or call."),
    row("log.level", \.log.level, .choice(), "The lowest level that is logged."),
    row(
      "log.format", \.log.format, .choice(),
      "How a line of the log looks; automatic means text on a terminal and JSON elsewhere."),
    row(
      "metrics.listen", \.metrics.listen, .optional(.hostAndPort),
      "Where metrics are served, over HTTP at /metrics; without, nothing is measured."),
    row(
      "status.lag", \.status.lag, .duration(.milliseconds(1)...(.seconds(86_400))),
      "How old the first event may be that a projector, relay or subscription has not handled."),
    row(
      "status.disk-free", \.status.diskFree, .byteSize(0...1 << 50),
      "How much room the store's file system must have; 0B means that it may be full."),
    row(
      "status.clock-offset", \.status.clockOffset, .duration(.milliseconds(1)...(.seconds(86_400))),
      "How far two clocks may differ: of this machine, the store and the client."),
    row(
      "status.certificate-expiry", \.status.certificateExpiry,
      .duration(.zero...(.seconds(31_536_000))),
      "The remaining validity at which a certificate is due for renewal."),
    row(
      "status.lease-changes", \.status.leaseChanges, .integer(2...1000),
      "How often in a minute the active consumer may change before that is a finding."),
    row(
      "traces.endpoint", \.traces.endpoint, .optional(.collector),
      "The OpenTelemetry collector that takes spans, by OTLP over gRPC; without, none are recorded."
    ),
    row(
      "traces.authorities", \.traces.authorities, .optional(.path),
      "CA certificates of the collector, in PEM form; default: the system's."),
    row(
      "traces.headers-file", \.traces.headersFile, .optional(.path),
      "A file with headers for the collector, such as a key: lines of NAME: VALUE."),
    row(
      "traces.sample", \.traces.sample, .fraction,
      "Sampling rate for traces that start here; callers decide for theirs."),
    row(
      "traces.service-name", \.traces.serviceName, .optional(.words),
      "The service name of the spans; default: the role."),
    row(
      "snapshots.store", \.snapshots.store, .optional(.objectStore),
      "Where large snapshots go, a bucket of S3's API; without, each is stored in its commit."
    ).heeded(by: .commandHandler),
    row(
      "snapshots.min-size", \.snapshots.minSize, .byteSize(0...1 << 30),
      "The least size of a snapshot that goes there; 0B means all of them."
    ).heeded(by: .commandHandler),
    row(
      "snapshots.credentials-file", \.snapshots.credentialsFile, .optional(.path),
      "A file with aws_access_key_id = ID and aws_secret_access_key = SECRET, for that bucket."
    ).heeded(by: .commandHandler),
    row(
      "snapshots.authorities", \.snapshots.authorities, .optional(.path),
      "CA certificates of the bucket's server, in PEM form; default: the system's."
    ).heeded(by: .commandHandler),
    row(
      "snapshots.timeout", \.snapshots.timeout, .duration(.milliseconds(1)...(.seconds(3600))),
      "How long one request for a snapshot may take; a command waits for it."
    ).heeded(by: .commandHandler),
    row(
      "limit.message-size", \.limit.messageSize, .byteSize(1 << 10...1 << 30),
      "The longest message that is taken in."),
    row(
      "limit.commit-size", \.limit.commitSize, .byteSize(1 << 10...1 << 30),
      "The most that one command's events and snapshot may take: three quarters of a message."
    ).heeded(by: .commandHandler),
    row(
      "limit.history-warning", \.limit.historyWarning, .byteSize(0...1 << 30),
      "The size of an aggregate's history at which a warning is logged; 0B means never."),
    row(
      "limit.commands-queued", \.limit.commandsQueued, .integer(1...1_000_000),
      "How many commands may wait for one aggregate."
    ).heeded(by: .commandHandler),
    row(
      "limit.cache-size", \.limit.cacheSize, .byteSize(0...1 << 40),
      "Memory for the aggregates used last, of all domains; 0 means no cache."
    ).heeded(by: .commandHandler),
    row(
      "limit.open-domains", \.limit.openDomains, .integer(1...100_000),
      "How many domains are open at a time; in SQLite each takes up to 8 descriptors."),
    row(
      "limit.subscription-window", \.limit.subscriptionWindow, .integer(1...1_000_000),
      "How many commits one subscription holds for delivery, 16 MiB of them at most."
    ).heeded(by: .projector, .saga),
    row(
      "limit.saga-depth", \.limit.sagaDepth, .integer(0...1_000_000),
      "The most saga steps in a chain of causes; 0 means any number."
    ).heeded(by: .saga),
    row(
      "limit.concurrent-streams", \.limit.concurrentStreams, .integer(1...1_000_000),
      "How many calls one connection may have under way."),
    row(
      "limit.header-size", \.limit.headerSize, .byteSize(1 << 10...1 << 20),
      "The most that one call's metadata may take."),
    row(
      "limit.memory", \.limit.memory, .byteSize(1 << 20...1 << 40),
      "The most that all calls together may hold."),
    row(
      "limit.connection-memory", \.limit.connectionMemory, .byteSize(1 << 20...1 << 40),
      "The most that the calls of one connection may hold."),
    row(
      "limit.connections", \.limit.connections, .integer(1...1_000_000),
      "How many connections clients may have, as far as the system's limit of open files allows."),
    row(
      "limit.connections-per-peer", \.limit.connectionsPerPeer, .integer(1...1_000_000),
      "How many connections one client's address may have, up to half of all."),
    row(
      "command.deadline", \.command.deadline, .duration(.milliseconds(1)...(.seconds(86_400))),
      "The time for a command whose caller set none."
    ).heeded(by: .commandHandler, .projector, .saga),
    row(
      "command.conflict-attempts", \.command.conflictAttempts, .integer(1...1000),
      "Attempts after conflicts with other replicas; then ABORTED."
    ).heeded(by: .commandHandler),
    row(
      "command.topic", \.command.topic, .optional(.topic),
      "The channel's topic for commands, from gateways to command-handlers; without, there is none."
    ).heeded(by: .commandHandler, .gateway),
    row(
      "drain-timeout", \.drainTimeout, .duration(.zero...(.seconds(86_400))),
      "How long calls under way may go on after a request to stop."),
    row(
      "threads", \.threads, .integer(0...1024), "Threads for sockets; 0 means one for each core."),
  ]

  private static func row<Value>(
    _ key: String, _ path: SettingPath<Configuration, Value>,
    _ format: ValueFormat<Value>, _ summary: String
  ) -> Setting {
    Setting(key, path, format, of: Configuration(), summary)
  }
}

extension Setting where Owner == DomainConfiguration {
  /// Settings of each domain.
  static let ofEachDomain: [Setting] = [
    Setting(
      "name", \.name, .optional(.name), of: DomainConfiguration(),
      "The domain to serve; where none is named, every one."),
    Setting(
      "logic.address", \.logicAddress, .optional(.logicAddress), of: DomainConfiguration(),
      "Where the business logic listens; default: 127.0.0.1:1737, or a free port if started."
    ),
    row(
      "logic.protocol", \.logicProtocol, .choice(),
      "What the logic speaks, unless logic.address begins with http://; http is for functions."
    ),
    Setting(
      list: "logic.command", \.logicCommand,
      "The program that serves the logic, started beside Outrider by `run`.",
      example: "[python3, bank.py]"
    ).heeded(),
    row(
      "logic.style", \.logicStyle, .choice(),
      "The contract of the logic: evented.BusinessLogic, or the functions of outrider.v1.Entity."
    ).alsoNamed("style").heeded(by: .commandHandler),
    row(
      "logic.snapshot-events", \.states.snapshotEvents, .integer(1...1_000_000),
      "After how many events a state is stored as a snapshot; for functions."
    ).heeded(by: .commandHandler),
    row(
      "logic.snapshot-size", \.states.snapshotBytes, .byteSize(1...1 << 30),
      "After how many bytes of events a state is stored as a snapshot; for functions."
    ).heeded(by: .commandHandler),
    row(
      "logic.check-apply", \.states.checksApply, .boolean,
      "Whether new events are folded twice, to detect an Apply that is not deterministic."
    ).heeded(by: .commandHandler),
    row(
      "schema.file", \.schema.file, .optional(.path),
      "The schema of commands and events: Avro, or a descriptor set of protobuf."
    ).alsoNamed("schema").heeded(by: .commandHandler),
    row(
      "schema.compatibility", \.schema.compatibility, .choice(),
      "Whether a new schema must read what the version before wrote, be read by it, or both."
    ).heeded(by: .commandHandler),
  ]

  private static func row<Value>(
    _ key: String, _ path: SettingPath<DomainConfiguration, Value>,
    _ format: ValueFormat<Value>, _ summary: String
  ) -> Setting {
    Setting(key, path, format, of: DomainConfiguration(), summary)
  }
}

extension Setting where Owner == PolicyRule {
  /// Parts of a policy rule.
  static let ofEachRule: [Setting] = [
    Setting(
      list: "callers", \.callers,
      "Names as uri:…, dns:…, email:… or token:…; * at the end of one stands for any rest.",
      example: "[\"spiffe://shop/*\"]"),
    Setting(
      list: "methods", \.methods,
      "Such as evented.EventQuery/GetEvents; * at the end of one stands for any rest.",
      example: "[evented.EventQuery/*]"),
    Setting(
      list: "domains", \.domains, "Names of domains; * means every one.", example: "[bank]"),
  ]
}

extension Setting where Owner == ProjectorConfiguration {
  /// Settings of each projector.
  static let ofEachProjector: [Setting] = [
    row("name", \.name, .name, "The name under which the projections are kept.").heeded(
      by: .commandHandler, .projector),
    row("enabled", \.enabled, .boolean, "Whether there is a projector.").heeded(
      by: .commandHandler, .projector),
    Setting(
      "address", \.logicAddress, .optional(.endpoint), of: ProjectorConfiguration(),
      "Where the projector's logic listens; default: 127.0.0.1:1738, or a free port if started."
    ).heeded(by: .projector),
    row(
      "coordinator", \.coordinator, .endpoint,
      "Where a command-handler in another process finds the projector's sidecar."
    ).heeded(by: .commandHandler),
    row(
      "synchronous", \.synchronous, .boolean,
      "Whether commands with synchronous pages wait for the projection."
    ).heeded(by: .commandHandler),
    row(
      "tries", \.tries, .integer(1...1000),
      "How often the logic may refuse an event before the aggregate is parked."
    ).heeded(by: .projector),
    row(
      "retry-time", \.retryTime, .duration(.zero...(.seconds(86_400))),
      "The time over which these tries are spread, with growing pauses."
    ).heeded(by: .projector),
    row(
      "parked-retry-interval", \.parkedRetryInterval, .duration(.zero...(.seconds(2_592_000))),
      "How far apart the tries of parked aggregates are; 0s means that they wait for a person."
    ).heeded(by: .projector),
    row(
      "deadline", \.deadline, .duration(.milliseconds(1)...(.seconds(86_400))),
      "The time that the projector's logic has for one book."
    ).heeded(by: .projector),
  ]

  private static func row<Value>(
    _ key: String, _ path: SettingPath<ProjectorConfiguration, Value>,
    _ format: ValueFormat<Value>, _ summary: String
  ) -> Setting {
    Setting(key, path, format, of: ProjectorConfiguration(), summary)
  }
}

extension Setting where Owner == CommandRoute {
  /// Parts of a route.
  static let ofEachRoute: [Setting] = [
    Setting(
      "domain", \.domain, .domainPattern, of: CommandRoute(),
      "The domain whose command-handler it is; * means every one."),
    Setting(
      "address", \.address, .addressPattern, of: CommandRoute(),
      "Where it listens; {domain} stands for the name of the domain."),
  ]
}

extension Setting where Owner == SagaConfiguration {
  /// Settings of each saga.
  static let ofEachSaga: [Setting] = [
    row("name", \.name, .name, "The name under which the saga's instances are kept."),
    Setting(
      list: "domains", \.domains, "Whose events it takes; without, those of every domain.",
      example: "[account]"),
    row(
      "key", \.key, .sagaKey,
      "Which instance events belong to: that of their correlation, root, or one header."),
    row(
      "style", \.style, .choice(), "The contract of its logic: outrider.v1.Saga, or evented.Saga."
    ),
    row(
      "rules", \.rules, .optional(.path),
      "A file of rules that are its logic, in place of a program: see docs/rules.md."),
    Setting(
      "logic.address", \.logicAddress, .optional(.endpoint), of: SagaConfiguration(),
      "Where its logic listens; default: 127.0.0.1:1739, or a free port if started."),
    Setting(
      list: "logic.command", \.logicCommand,
      "The program that serves its logic, started beside Outrider by `run`.",
      example: "[python3, transfer.py]"),
    row(
      "coordinator", \.coordinator, .endpoint,
      "Where a command-handler in another process finds the saga's sidecar."),
    row(
      "synchronous", \.synchronous, .boolean,
      "Whether commands with synchronous pages wait for what the saga leads to."),
    row(
      "tries", \.tries, .integer(1...1000),
      "How often the logic may refuse an input before the instance is parked."),
    row(
      "retry-time", \.retryTime, .duration(.zero...(.seconds(86_400))),
      "The time over which these tries are spread, with growing pauses."),
    row(
      "parked-retry-interval", \.parkedRetryInterval, .duration(.zero...(.seconds(2_592_000))),
      "How far apart the tries of parked instances are; 0s means that they wait for a person."),
    row(
      "deadline", \.deadline, .duration(.milliseconds(1)...(.seconds(86_400))),
      "The time that the saga's logic has for one input."),
    row(
      "command-deadline", \.commandDeadline, .duration(.milliseconds(1)...(.seconds(86_400))),
      "The time that a command of the saga may take before it is sent again."),
  ]

  private static func row<Value>(
    _ key: String, _ path: SettingPath<SagaConfiguration, Value>,
    _ format: ValueFormat<Value>, _ summary: String
  ) -> Setting {
    Setting(key, path, format, of: SagaConfiguration(), summary)
  }
}
