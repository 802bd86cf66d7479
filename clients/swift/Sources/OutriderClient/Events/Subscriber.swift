internal import EventModel
public import ServiceLifecycle
internal import Wire

/// Event handlers, and the durable subscription that feeds them.
///
///     let subscriber = Subscriber("welcome", to: ["bank"], at: connection)
///       .on(AccountOpened.self) { opened, event in print("welcome, \(opened.owner)") }
///     try await subscriber.run()
///
/// A commit is acknowledged when the handlers of all its events have returned. A handler that
/// throws is called again with the same event, after pauses that grow to 30 s, for ever: later
/// events of its aggregate wait, other aggregates go on. What was not acknowledged when the process
/// died comes again, to whoever has the same name. So a handler may get an event twice. An update
/// that names the event as its trigger happens once all the same; towards other systems `Event.id`
/// is the idempotency key.
public struct Subscriber: ServiceLifecycle.Service {
  /// Where a subscription begins that does not exist yet.
  public enum Start: Sendable {
    /// With the first event of each domain.
    case beginning
    /// Behind what there is.
    case head
  }

  typealias Handler = @Sendable (AnyPayload, Event) async throws -> Void

  public let name: String
  private let connection: Connection
  private let workers: Int
  private var begin: OutriderV1.SubscriptionBegin
  private var handlers: [Substring: Handler] = [:]

  /// - Parameters:
  ///   - name: the subscription's; processes of one name share its work, as far as it has lanes.
  ///   - lanes: into how many parts a new subscription is split; nil: as it is, 1 if it is new.
  ///   - window: how many commits of a lane may be unacknowledged; nil: as the server likes.
  ///   - workers: how many aggregates are handled beside each other.
  public init(
    _ name: String, to domains: [String], at connection: Connection, from start: Start = .beginning,
    lanes: Int? = nil, window: Int? = nil, workers: Int = 8
  ) {
    precondition(workers > 0, "a subscriber needs a worker")
    self.name = name
    self.connection = connection
    self.workers = workers
    begin = OutriderV1.SubscriptionBegin(
      name: Name(name), domains: domains.map { Name($0) },
      start: start == .head ? .head : .beginning, lanes: lanes, window: window)
  }

  /// The same with a handler of one type of events: of its payload, and what else is known of it.
  public func on<Payload: OutriderClient.Payload>(
    _ type: Payload.Type, _ handle: @escaping @Sendable (Payload, Event) async throws -> Void
  ) -> Self {
    var subscriber = self
    let previous = subscriber.handlers.updateValue(
      { payload, event in
        guard let payload = try payload.as(Payload.self) else { return }
        try await handle(payload, event)
      }, forKey: Payload.typeName)
    precondition(previous == nil, "subscriber \(name) handles \(Payload.typeURL) twice")
    subscriber.begin.eventTypes.append(Payload.typeURL)
    return subscriber
  }

  /// Calls the handler of an event, if there is one: for tests, without a server.
  public func handle(_ payload: some Payload, _ event: Event) async throws {
    try await handle(AnyPayload(payload), event)
  }

  /// Handles events until its task is cancelled, or the service group shuts down. Returns when the
  /// handlers that are at work have returned, and what they did is acknowledged.
  ///
  /// Throws `Refused` where the subscription is not allowed, or not possible.
  public func run() async throws {
    guard !handlers.isEmpty else { throw Mistake("subscriber \(name) has no handlers") }
    let consumer = Consumer(begin, at: connection, workers: workers) { payload, event in
      try await self.handle(payload, event)
    }
    // Handlers end in order: neither way to stop cancels them.
    let running = Task { try await consumer.run() }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await running.value
      } onGracefulShutdown: {
        consumer.stop()
      }
    } onCancel: {
      consumer.stop()
    }
  }

  private func handle(_ payload: AnyPayload, _ event: Event) async throws {
    try await handlers[typeName(of: payload.typeURL)]?(payload, event)
  }
}
