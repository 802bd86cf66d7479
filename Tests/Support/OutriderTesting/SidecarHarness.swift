import EventModel
import EventSourcing
import MemoryChannel
import MemoryStorage
import RPC
import Sidecars
import Timing

/// All roles over one store, with logic that is a closure; called as clients call them.
package struct SidecarHarness {
  package typealias Logic = @Sendable (Message) async throws -> Message

  package let storage: any Storage
  /// Where the projector's dead letters are, and what `relaying` publishes.
  package let channel = MemoryChannel()
  package let commands: any RPCChannel
  package let queries: any RPCChannel
  package let projectors: any RPCChannel
  package let sagas: any RPCChannel
  private let handlers: ServedDomains<CommandHandler>

  /// - Parameters:
  ///   - storage: in memory, unless it is given.
  ///   - logic: answers a `ContextualCommand` with an `EventBook`.
  ///   - projector: answers an `EventBook` with a `Projection`.
  ///   - saga: answers an `EventBook` with a `SynchronousProcessingResponse` of facts.
  package init(
    domains: [Name]? = ["bank"], storage: any Storage = MemoryStorage(),
    bookBytesMax: Int = 1 << 20, projector: @escaping Logic = { _ in [] },
    saga: @escaping Logic = { _ in [] }, logic: @escaping Logic
  ) {
    let (channel, live) = (channel, LiveGenerations())
    self.storage = storage
    let team = InProcessChannel(
      Router([
        Service(
          "evented.BusinessLogic", ["Handle": .unary { request, _ in try await logic(request) }]),
        Service(
          "evented.Projector", ["HandleSync": .unary { request, _ in try await projector(request) }]
        ),
        Service("evented.Saga", ["HandleSync": .unary { request, _ in try await saga(request) }]),
      ]))
    let projecting = ServedDomains<ProjectingDomain>(names: domains) { name in
      let store = try await storage.domain(name)
      let projector = DomainProjector(name: "p", store: store, live: live) { generation in
        Projector(
          name: "p", generation: generation, store: store,
          logic: RemoteProjectorLogic(
            name: "p", generation: generation,
            isLive: { live.isLive(generation, of: "p", in: name) }, team, at: "here"))
      }
      return ProjectingDomain(
        projectors: [projector], parkingLot: ParkingLot(store: store, projectors: [projector]),
        deadLetters: DeadLetterOffice(
          of: name, on: channel, partitions: store.partitions, subscriptions: ["p", "q"]))
    }
    projectors = InProcessChannel(
      Router([
        .projectorCoordinator(projecting, deadlineDefault: .seconds(60)), .parked(projecting),
        .rebuilds(
          projecting, live: live, readYourWrites: ReadYourWrites(LowWaterMarks()),
          switchPatience: .seconds(60)),
        .deadLetters(projecting, source: nil),
      ]))
    let remote = RemoteProjector(name: "p", projectors)
    handlers = ServedDomains<CommandHandler>(names: domains) { name in
      CommandHandler(
        store: try await storage.domain(name), logic: RemoteBusinessLogic(team, at: "here"),
        processors: [remote])
    }
    let routes = CommandRoutes { [handlers] in .here(try await handlers.serving($0)) }
    let following = ServedDomains<SagaDomain>(names: domains) { name in
      let store = try await storage.domain(name)
      let saga = EventedSaga(
        name: "s", logic: RemoteEventedSaga(name: "s", team, at: "here"), recorder: routes)
      let intake = saga.intake(from: store)
      return SagaDomain(
        feeds: [.init(intake: intake, synchronous: saga.synchronous(fedBy: intake))],
        parkingLot: ParkingLot(store: store) { () async throws(StorageError) in [] },
        history: store)
    }
    sagas = InProcessChannel(
      Router([.sagaCoordinator(following, deadlineDefault: .seconds(60))]))
    let causes = Causes(in: storage)
    let dispatchers = ServedDomains<CommandDispatcher>(names: domains) { name in
      CommandDispatcher(
        try await Self.journal(of: name, in: storage), events: try await storage.domain(name))
    }
    commands = InProcessChannel(
      Router([
        .businessCoordinator(handlers, causes: causes, deadlineDefault: .seconds(60)),
        .commands(dispatchers, causes: causes, deadlineDefault: .seconds(60)),
      ]))
    var consumers = ConsumerSettings()
    // However slow the machine is, no consumer is taken for dead.
    consumers.leaseDuration = .seconds(3600)
    let queried = QueriedDomains(storage: storage, served: domains, bookBytesMax: bookBytesMax)
    queries = InProcessChannel(
      Router([
        .eventQuery(queried), .log(queried), .trace(queried), .schemas(queried),
        .subscriptions(queried, settings: consumers),
        .projections(
          queried, live: live, readYourWrites: ReadYourWrites(LowWaterMarks()),
          deadlineDefault: .seconds(60)),
      ]))
  }

  private static func journal(
    of domain: Name, in storage: any Storage
  ) async throws -> CommandJournal {
    CommandJournal(
      of: domain, store: try await storage.domain(.commands(of: domain)), codec: DispatchMessages())
  }

  /// Carries out what is dispatched to a domain as long as `body` runs.
  package func carrying<Result: Sendable>(
    out domain: Name = "bank", as owner: Name = "me", environment: Environment = .live,
    _ body: () async throws -> Result
  ) async throws -> Result {
    let store = try await storage.domain(.commands(of: domain))
    let carrier = CommandCarrier(
      try await Self.journal(of: domain, in: storage), partition: 0,
      events: try await storage.domain(domain), environment: environment
    ) { [handlers] in try await handlers.serving(domain) }
    let subscription = Subscription(
      consumer: carrier, store: store, owner: owner, environment: environment,
      companion: { try await carrier.companion() })
    return try await running(subscription.run, body)
  }

  /// Publishes a domain's log to the channel as long as `body` runs.
  package func relaying<Result: Sendable>(
    _ domain: Name = "bank", _ body: () async throws -> Result
  ) async throws -> Result {
    let relay = Relay(to: channel, store: try await storage.domain(domain), owner: "me")
    return try await running(relay.run, body)
  }

  private func running<Result: Sendable>(
    _ work: @escaping @Sendable () async -> Void, _ body: () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await work() }
      defer { group.cancelAll() }
      return try await body()
    }
  }

  package func send(_ command: Message) async throws(RPCStatus) -> Message {
    try await commands.unary(
      Method(service: "evented.BusinessCoordinator", name: "Handle"), command)
  }

  package func record(_ book: Message) async throws(RPCStatus) -> Message {
    try await commands.unary(Method(service: "evented.BusinessCoordinator", name: "Record"), book)
  }

  /// All answers of a server-streaming method of the query-handler.
  package func read(_ service: String, _ name: String, _ request: Message) async throws -> [Message]
  {
    let call = try await queries.serverStreaming(Method(service: service, name: name), request)
    var answers: [Message] = []
    for try await answer in call.responses { answers.append(answer) }
    return answers
  }
}

package func root(_ number: UInt8) -> Root { Root(Bytes(repeating: 0, count: 15) + [number])! }
