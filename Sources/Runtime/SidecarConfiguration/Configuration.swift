import EventModel
import EventSourcing
import RPC
import Sidecars

/// All settings of an Outrider process, checked and complete.
///
/// Resolved once at start from flags, environment and file, by `ConfigurationSources`. The values
/// here are the defaults; `Setting.all` names, documents and checks each.
public struct Configuration: Sendable, Equatable {
  public var store = StoreLocation.sqlite(directory: "./outrider-data")
  /// Partitions of each new domain's log. An existing domain keeps its number.
  public var partitions = 1
  /// The broker that carries the log to other processes; nil: none.
  public var channel: ChannelLocation?
  /// The source of projectors' events.
  public var source = EventSource.log
  /// The query-handler's address, for projectors that do not read the store's log.
  public var queryHandler = Endpoint.tcp(host: "127.0.0.1", port: 1314)
  /// The command-handler's address, for sagas' commands to domains that no route names and this
  /// process does not serve.
  public var commandHandler = Endpoint.tcp(host: "127.0.0.1", port: 1313)
  /// Addresses of other domains' command-handlers; the first that names a domain counts.
  public var routes: [CommandRoute] = []
  public var sagas: [SagaConfiguration] = []
  /// Never empty. By default one domain without a name, which stands for every domain.
  public var domains = [DomainConfiguration(projectors: [ProjectorConfiguration()])]
  /// A file or directory of payload descriptor sets; nil: none.
  public var descriptors: String?
  /// The interface that every role listens on; loopback by default.
  public var host = "127.0.0.1"
  public var port = Port()
  public var connection = Connection()
  public var tls = TLS()
  public var tokens = Tokens()
  public var security = SecurityPolicy()
  /// The rules of access. Empty: any authenticated caller may do everything.
  public var policy: [PolicyRule] = []
  public var log = Log()
  public var metrics = Metrics()
  public var traces = Traces()
  public var snapshots = Snapshots()
  public var limit = Limit()
  /// Thresholds of the findings of `outrider status`.
  public var status = StatusLimits()
  public var gateway = Gateway()
  public var eventuate = Eventuate()
  public var command = CommandPolicy()
  /// Consul's key of this configuration; nil: it comes from elsewhere.
  public var consul: ConsulKey?
  /// The time limit for running calls after SIGTERM.
  public var drainTimeout = Duration.seconds(20)
  /// Threads for sockets; 0: one for each core.
  public var threads = 0
  /// Warnings about ignored values of foreign variables, a sentence each.
  var unheeded: [String] = []

  public init() {}

  /// The port of each role; 0: any free port.
  public struct Port: Sendable, Equatable {
    public var commandHandler = 1313
    public var queryHandler = 1314
    public var projector = 1315
    public var saga = 1316
    public var relay = 1317
    public var gateway = 1380
  }

  /// Settings of the HTTP/1.1 gateway.
  public struct Gateway: Sendable, Equatable {
    /// Origins whose pages may read answers in a browser, separated by blanks; `*`: all. Nil: only
    /// the gateway's own.
    public var crossOrigins: Name?
    /// The time limit of requests that set none.
    public var deadline = Duration.seconds(30)
    /// The size limit of a request's body, in bytes. A longer one is answered 413.
    public var bodySize = 4 << 20
    /// The longest time of a connection without a request.
    public var idleMax = Duration.seconds(75)
    /// The interval of heartbeats on an idle stream.
    public var heartbeat = Duration.seconds(15)
  }

  /// Settings of the gateway for Eventuate's clients.
  public struct Eventuate: Sendable, Equatable {
    public var enabled = false
    /// The port of STOMP; 0: any free port.
    public var stompPort = 61614
    /// A file with the API keys of its clients; nil: they need none.
    public var apiKeys: String?
  }

  /// Limits on clients' connections; zero means none.
  public struct Connection: Sendable, Equatable {
    /// The age at which a client is asked to reconnect. None by default, since it ends endless
    /// calls, too.
    public var ageMax = Duration.zero
    /// The time limit for the calls on such a connection.
    public var ageGrace = Duration.seconds(30)
    /// The longest time without a call. The default is that of gRPC's clients.
    public var idleMax = Duration.seconds(1800)
    /// The longest time between a request's begin and its end.
    public var requestTimeout = Duration.seconds(60)
  }

  /// PEM files for TLS. They are reloaded when they change.
  public struct TLS: Sendable, Equatable {
    /// The servers' certificate, which also authenticates this process to other sidecars.
    public var certificate: String?
    public var key: String?
    /// CA certificates of clients; nil: clients need no certificate.
    public var clientAuthorities: String?
    /// CA certificates of other sidecars; nil: they are called without TLS.
    public var peerAuthorities: String?
  }

  /// Settings of callers' bearer tokens.
  public struct Tokens: Sendable, Equatable {
    /// A JSON Web Key Set, or public keys and certificates in PEM form.
    public var keys: KeySource?
    /// CA certificates of the keys' server; nil: the system's.
    public var keysAuthorities: String?
    public var issuer: Name?
    public var audience: Name?
    /// A file with the token that this process sends to other sidecars.
    public var peerFile: String?
  }

  /// Settings of strict security.
  public struct SecurityPolicy: Sendable, Equatable {
    /// True: refuse to start if the network could read, change or call something unprotected.
    public var strict = false
  }

  /// Settings of the log.
  public struct Log: Sendable, Equatable {
    public var level = LogLevel.info
    public var format = LogFormatChoice.automatic
  }

  /// Settings of the metrics for Prometheus.
  public struct Metrics: Sendable, Equatable {
    /// The address of the metrics server; nil: no metrics.
    public var listen: Endpoint?
  }

  /// Settings of the spans sent to an OpenTelemetry collector.
  public struct Traces: Sendable, Equatable {
    /// The collector's address; nil: no spans are recorded.
    public var endpoint: CollectorAddress?
    /// CA certificates of the collector; nil: the system's.
    public var authorities: String?
    /// A file with headers for the collector.
    public var headersFile: String?
    /// The headers, if there is no such file.
    public var headers = Metadata()
    /// The sampling rate of traces that begin here, from 0 to 1.
    public var sample = 1.0
    /// The service name of the spans; nil: the role.
    public var serviceName: Name?
    /// Further resource attributes.
    public var resource: [ResourceAttribute] = []
  }

  /// Settings of large snapshots.
  public struct Snapshots: Sendable, Equatable {
    /// An object store; nil: every snapshot is stored in its commit.
    public var store: ObjectStoreLocation?
    /// The least size of a snapshot that goes there, in bytes.
    public var minSize = 256 << 10
    /// A file with the credentials.
    public var credentialsFile: String?
    /// CA certificates of the server; nil: the system's.
    public var authorities: String?
    /// The time limit of one request.
    public var timeout = Duration.seconds(5)
  }

  /// Limits of all that can grow.
  public struct Limit: Sendable, Equatable {
    /// Bytes of one incoming gRPC message. A longer one is RESOURCE_EXHAUSTED.
    public var messageSize = 4 << 20
    /// Bytes of one command's events and snapshot. A larger commit is INVALID_ARGUMENT. At most
    /// three quarters of a message: see `commitSizeMax`.
    public var commitSize = CommandLimits().commitBytesMax
    /// Bytes of an aggregate's history at which a warning is logged; 0: never.
    public var historyWarning = CommandLimits().historyBytesWarned
    /// Commands that wait for one aggregate. One more is RESOURCE_EXHAUSTED.
    public var commandsQueued = CommandLimits().waitingPerRootMax
    /// Bytes of the cache of aggregates. Evicts the least recently used.
    public var cacheSize = AggregateMemory.bytesMaxDefault
    /// Open domains. Opening another closes the least recently used.
    public var openDomains = 64
    /// Commits that one subscription handles at once. Further ones wait in the log.
    public var subscriptionWindow = SubscriptionSettings().windowMax
    /// Saga steps in a chain of causes; 0: any number. Ends a cycle of commands.
    public var sagaDepth = SagaSettings().depthMax
    /// Running calls on one connection. One more is refused.
    public var concurrentStreams = 1000
    /// Bytes of one call's metadata. More is RESOURCE_EXHAUSTED.
    public var headerSize = 16 << 10
    /// Bytes held by the calls of all connections. A call that exceeds this is RESOURCE_EXHAUSTED.
    public var memory = 256 << 20
    /// Bytes held by the calls of one connection. A call that exceeds this is RESOURCE_EXHAUSTED.
    public var connectionMemory = 64 << 20
    /// Clients' connections. One more is closed at once. Capped so that the store keeps enough
    /// files.
    public var connections = 10_000
    /// Connections of one client's address. One more is closed at once.
    public var connectionsPerPeer = 1000

    /// The largest commit that fits into a message to callers, readers and logic. A quarter is
    /// left for the rest: cover, ids, headers, a projection, the next command.
    var commitSizeMax: Int { messageSize / 4 * 3 }
  }

  /// Settings of commands.
  public struct CommandPolicy: Sendable, Equatable {
    /// The time limit of commands that set none.
    public var deadline = Duration.seconds(30)
    /// Attempts after conflicts with other replicas; then ABORTED.
    public var conflictAttempts = CommandLimits().attemptsMax
    /// The broker's topic from gateways to command-handlers; `{domain}` in it is replaced by the
    /// domain. Nil: gateways call command-handlers.
    public var topic: String?
  }
}
