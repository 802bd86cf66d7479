import EventModel
import EventSourcing
import RPC
import Sidecars

/// Everything that a person may choose about a running Outrider, checked and complete.
///
/// It is resolved once at start from flags, environment and file, by `ConfigurationSources`. The
/// values here are the defaults; `Setting.all` names, documents and checks every one of them.
public struct Configuration: Sendable, Equatable {
  public var store = StoreLocation.sqlite(directory: "./outrider-data")
  /// Of each domain's log. A domain keeps for ever what it was created with.
  public var partitions = 1
  /// The broker that carries the log to other processes; nil: none.
  public var channel: ChannelLocation?
  /// Where projectors take their events from.
  public var source = EventSource.log
  /// Where a query-handler listens, for projectors that do not read the store's log.
  public var queryHandler = Endpoint.tcp(host: "127.0.0.1", port: 1314)
  /// Where a command-handler listens, for the commands of sagas to domains that no route names and
  /// this process does not serve.
  public var commandHandler = Endpoint.tcp(host: "127.0.0.1", port: 1313)
  /// Where command-handlers of other domains listen; the first that names a domain counts.
  public var routes: [CommandRoute] = []
  public var sagas: [SagaConfiguration] = []
  /// Never empty. Where nothing was said, one without a name, that serves every domain.
  public var domains = [DomainConfiguration(projectors: [ProjectorConfiguration()])]
  /// Where the descriptor sets of payloads are, a file or a directory; nil: nowhere.
  public var descriptors: String?
  /// The interface that every role listens on. Loopback only, unless told otherwise.
  public var host = "127.0.0.1"
  public var port = Port()
  public var connection = Connection()
  public var tls = TLS()
  public var tokens = Tokens()
  public var security = SecurityPolicy()
  /// Who may do what. Empty: whoever proves who they are may do everything.
  public var policy: [PolicyRule] = []
  public var log = Log()
  public var metrics = Metrics()
  public var traces = Traces()
  public var snapshots = Snapshots()
  public var limit = Limit()
  /// From where on `outrider status` finds fault.
  public var status = StatusLimits()
  public var gateway = Gateway()
  public var eventuate = Eventuate()
  public var command = CommandPolicy()
  /// Where Consul has this configuration; nil: it comes from elsewhere.
  public var consul: ConsulKey?
  /// How long calls under way may go on after SIGTERM.
  public var drainTimeout = Duration.seconds(20)
  /// Threads that sockets are served on; 0 means one for each core.
  public var threads = 0
  /// What variables of others' say that is not heeded, each in a sentence.
  var unheeded: [String] = []

  public init() {}

  /// Where each role listens; 0 means any free port.
  public struct Port: Sendable, Equatable {
    public var commandHandler = 1313
    public var queryHandler = 1314
    public var projector = 1315
    public var saga = 1316
    public var relay = 1317
    public var gateway = 1380
  }

  /// What is offered over HTTP/1.1.
  public struct Gateway: Sendable, Equatable {
    /// Pages of these origins may read answers in a browser, with blanks between them; `*` stands
    /// for every one. Nil: of none but its own.
    public var crossOrigins: Name?
    /// The time for a request that sets none.
    public var deadline = Duration.seconds(30)
    /// The longest body of a request, in bytes. A longer one is answered 413.
    public var bodySize = 4 << 20
    /// How long a connection may be without a request.
    public var idleMax = Duration.seconds(75)
    /// How often a stream that has nothing to say shows a sign of life.
    public var heartbeat = Duration.seconds(15)
  }

  /// What the gateway offers to clients of Eventuate.
  public struct Eventuate: Sendable, Equatable {
    public var enabled = false
    /// Where STOMP is spoken; 0 means any free port.
    public var stompPort = 61614
    /// A file with the API keys that its clients prove who they are with; nil: they need none.
    public var apiKeys: String?
  }

  /// How long clients' connections last; zero means for ever.
  public struct Connection: Sendable, Equatable {
    /// After which a client is asked to connect anew. For ever, since calls that never end would
    /// end, too.
    public var ageMax = Duration.zero
    /// The time that is left for the calls on such a connection.
    public var ageGrace = Duration.seconds(30)
    /// How long a connection may have no call. As long as clients of gRPC keep one themselves.
    public var idleMax = Duration.seconds(1800)
    /// How long a request may take from its begin to its end.
    public var requestTimeout = Duration.seconds(60)
  }

  /// The files, in PEM form, that secure connections. They are read again when they change.
  public struct TLS: Sendable, Equatable {
    /// What the servers prove who they are with; it proves this process to other sidecars, too.
    public var certificate: String?
    public var key: String?
    /// Whose signature a client's certificate must have; nil: clients need none.
    public var clientAuthorities: String?
    /// Whose signature other sidecars' certificates must have; nil: they are called without TLS.
    public var peerAuthorities: String?
  }

  /// The bearer tokens that callers prove who they are with.
  public struct Tokens: Sendable, Equatable {
    /// A JSON Web Key Set, or public keys and certificates in PEM form.
    public var keys: KeySource?
    /// Whose signature the certificate of the keys' server must have; nil: those that the system
    /// trusts.
    public var keysAuthorities: String?
    public var issuer: Name?
    public var audience: Name?
    /// A file with the token that this process shows to other sidecars.
    public var peerFile: String?
  }

  /// What is not put up with.
  public struct SecurityPolicy: Sendable, Equatable {
    /// Whether to refuse to start when strangers could read, change or do something over a network.
    public var strict = false
  }

  /// What is logged, and how.
  public struct Log: Sendable, Equatable {
    public var level = LogLevel.info
    public var format = LogFormatChoice.automatic
  }

  /// What is measured, for Prometheus to read.
  public struct Metrics: Sendable, Equatable {
    /// Where it is served, a host and a port; nil: nothing is measured.
    public var listen: Endpoint?
  }

  /// What is recorded of calls, for a collector of OpenTelemetry's.
  public struct Traces: Sendable, Equatable {
    /// Where spans are sent; nil: none are recorded.
    public var endpoint: CollectorAddress?
    /// Whose signature the collector's certificate must have; nil: those that the system trusts.
    public var authorities: String?
    /// A file with headers that the collector wants.
    public var headersFile: String?
    /// The headers themselves, where there is no such file.
    public var headers = Metadata()
    /// The part that is recorded of the traces that begin here, from 0 to 1.
    public var sample = 1.0
    /// What the spans say that they are of; nil: the role.
    public var serviceName: Name?
    /// What else they say of the process.
    public var resource: [ResourceAttribute] = []
  }

  /// Where large snapshots are kept.
  public struct Snapshots: Sendable, Equatable {
    /// An object store; nil: every snapshot is stored in its commit.
    public var store: ObjectStoreLocation?
    /// From which size on a snapshot goes there, in bytes.
    public var minSize = 256 << 10
    /// A file that says who asks.
    public var credentialsFile: String?
    /// Whose signature the server's certificate must have; nil: those that the system trusts.
    public var authorities: String?
    /// How long one request may take.
    public var timeout = Duration.seconds(5)
  }

  /// The bounds of everything that can grow.
  public struct Limit: Sendable, Equatable {
    /// Of one gRPC message that comes in, in bytes. A longer one is RESOURCE_EXHAUSTED.
    public var messageSize = 4 << 20
    /// Of one command's events and snapshot, in bytes. A larger commit is INVALID_ARGUMENT. It
    /// takes three quarters of a message at most: see `commitSizeMax`.
    public var commitSize = CommandLimits().commitBytesMax
    /// From which size on an aggregate's history is warned about, in bytes; 0: never.
    public var historyWarning = CommandLimits().historyBytesWarned
    /// Commands that wait for one aggregate. One more is RESOURCE_EXHAUSTED.
    public var commandsQueued = CommandLimits().waitingPerRootMax
    /// Memory for aggregates that were used lately, in bytes. The least recent ones go first.
    public var cacheSize = AggregateMemory.bytesMaxDefault
    /// Domains that are open at a time. The one that was not used for longest is closed for
    /// another.
    public var openDomains = 64
    /// Commits that one subscription handles at a time. Further ones wait in the log.
    public var subscriptionWindow = SubscriptionSettings().windowMax
    /// Steps of sagas that may lie before one, each the cause of the next; 0: any number. A circle
    /// of commands ends here.
    public var sagaDepth = SagaSettings().depthMax
    /// Calls under way on one connection. One more is refused.
    public var concurrentStreams = 1000
    /// Metadata of one call, in bytes. More is RESOURCE_EXHAUSTED.
    public var headerSize = 16 << 10
    /// What the calls of all connections hold, in bytes. A call that goes beyond is
    /// RESOURCE_EXHAUSTED.
    public var memory = 256 << 20
    /// What the calls of one connection hold, in bytes. A call that goes beyond is
    /// RESOURCE_EXHAUSTED.
    public var connectionMemory = 64 << 20
    /// Of clients. One more is closed at once. Never so many that the store is left without files.
    public var connections = 10_000
    /// Of one client's address. One more is closed at once.
    public var connectionsPerPeer = 1000

    /// The largest commit that a message can carry to callers, readers and logic. A quarter is left
    /// for what goes with it: cover, ids, headers, a projection, the next command.
    var commitSizeMax: Int { messageSize / 4 * 3 }
  }

  /// What a command may cost.
  public struct CommandPolicy: Sendable, Equatable {
    /// The time that a command has whose caller set no deadline.
    public var deadline = Duration.seconds(30)
    /// How often the logic decides anew because another replica was faster, before ABORTED.
    public var conflictAttempts = CommandLimits().attemptsMax
    /// The broker's topic that gateways publish commands to, and command-handlers take theirs from;
    /// `{domain}` in it stands for the domain. Nil: gateways hand them to command-handlers.
    public var topic: String?
  }
}
