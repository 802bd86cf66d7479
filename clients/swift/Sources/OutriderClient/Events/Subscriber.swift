internal import EventModel
public import ServiceLifecycle
internal import Wire

/// Event handlers, and the durable subscription that feeds them.
///
///     let subscriber = Subscriber("welcome", to: ["bank"], at: connection)
///       .on(AccountOpened.self) { opened, event in print("welcome, \(opened.owner)") }
///     try await subscriber.run()
///
/// A commit is acknowledged once the handlers of all its events have returned. A handler that
/// throws is retried with the same event for ever, with back-off up to 30 s: later events of its
/// aggregate wait, other aggregates continue. Commits unacknowledged when the process dies are
/// delivered again, to any process with the same name. So a handler may get an event twice. An
/// update that names the event as its trigger still happens once; towards other systems,
/// `Event.id` is the idempotency key.
public struct Subscriber: ServiceLifecycle.Service {
  /// The start of a new subscription.
  public enum Start: Sendable {
    /// The first event of each domain.
    case beginning
    /// The end of the log.
    case head
  }

  typealias Handler = @Sendable (AnyPayload, Event) async throws -> Void

  public let name: String
  private let connection: Connection
  private let workers: Int
  private var begin: OutriderV1.SubscriptionBegin
  private var handlers: [Substring: Handler] = [:]

  /// - Parameters:
  ///   - name: the subscription's name; processes of one name share its lanes.
  ///   - lanes: the number of lanes of a new subscription; nil: unchanged, 1 if it is new.
  ///   - window: the most unacknowledged commits of a lane; nil: the server's default.
  ///   - workers: the most aggregates handled at once.
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

  /// The same for one type of events: the handler gets its payload, and the event.
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

  /// Handles events until its task is cancelled, or the service group shuts down. Returns once the
  /// running handlers have returned and their commits are acknowledged.
  ///
  /// Throws `Refused` if the subscription is not allowed, or not possible.
  public func run() async throws {
    guard !handlers.isEmpty else { throw Mistake("subscriber \(name) has no handlers") }
    let consumer = Consumer(begin, at: connection, workers: workers) { payload, event in
      try await self.handle(payload, event)
    }
    // Handlers finish gracefully: neither way to stop cancels them.
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
