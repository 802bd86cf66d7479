import EventModel
import Synchronization
import Timing

/// Takes one domain's commands from a channel, and dispatches each.
///
/// A message is acknowledged once its command is stored, so none is lost; a repeat is known by
/// its id. Commands for one aggregate are dispatched in the order of their messages, those for
/// different aggregates concurrently. A message that is no command, or can never be stored,
/// becomes a dead letter, and the next ones continue.
public final class CommandIntake: Sendable {
  /// Finds the command in a message; nil: it is for another domain. Throws why the message is
  /// invalid. A temporary status means: try again.
  public typealias Reader = @Sendable (ChannelMessage) async throws -> Command?

  private struct Arrival: Sendable {
    let delivery: ChannelDelivery<ChannelMessage>
    let command: Command
  }

  private let domain: Name
  private let channel: any CommandChannel
  private let dispatcher: @Sendable () async throws -> CommandDispatcher
  private let settings: CommandIntakeSettings
  private let environment: Environment
  private let observe: @Sendable (SubscriptionEvent) -> Void
  private let read: Reader
  /// Whether a stall of the store was reported.
  private let isStalled = Atomic(false)

  /// - Parameters:
  ///   - dispatcher: the domain's dispatcher.
  ///   - observe: gets events; called from any task, must not block.
  public init(
    of domain: Name, from channel: any CommandChannel,
    settings: CommandIntakeSettings = CommandIntakeSettings(), environment: Environment = .live,
    dispatcher: @escaping @Sendable () async throws -> CommandDispatcher,
    observe: @escaping @Sendable (SubscriptionEvent) -> Void = { _ in },
    read: @escaping Reader
  ) {
    self.domain = domain
    self.channel = channel
    self.settings = settings
    self.environment = environment
    self.dispatcher = dispatcher
    self.observe = observe
    self.read = read
  }

  /// The name of its metrics. No projector can have it.
  public static func subscription(to channel: any CommandChannel) -> Name {
    "$intake/\(channel.name)"
  }

  /// Runs until cancelled. Retries while store or broker fail.
  public func run() async {
    observe(.joined)
    let sessions = ConsumerSessions(
      retryDelay: settings.retryDelay, countInterval: settings.letterCountInterval,
      environment: environment, observe: observe)
    await sessions.run(countingIn: try? channel.deadLetters(of: domain)) {
      try await channel.consumer(of: domain, window: settings.windowMax)
    } consume: { consumer in
      while !Task.isCancelled {
        try await take(try await consumer.deliveries(), from: consumer)
      }
    }
  }

  private func take(
    _ deliveries: [ChannelDelivery<ChannelMessage>], from consumer: Consumer
  ) async throws {
    var lanes: [Root: [Arrival]] = [:]
    for delivery in deliveries {
      switch try await command(in: delivery) {
      case .success(let command?):
        lanes[command.cover.root, default: []].append(
          Arrival(delivery: delivery, command: command))
      case .success(nil):
        consumer.acknowledge([delivery.tag])
        observe(.taken(.passedOver))
      case .failure(let flaw): try await setAside(delivery, flaw, consumer)
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for arrivals in lanes.values {
        group.addTask {
          for arrival in arrivals { try await self.dispatch(arrival, consumer) }
        }
      }
      try await group.waitForAll()
    }
  }

  private typealias Consumer = any ChannelConsumer<ChannelMessage>

  /// The reason why a message can never be stored as a command.
  private struct Flaw: Error {
    let reason: String
  }

  private func command(
    in delivery: ChannelDelivery<ChannelMessage>
  ) async throws -> Result<Command?, Flaw> {
    switch delivery.content {
    case .message(let message): try await attempt { try await self.read(message) }
    case .malformed(let reason): .failure(Flaw(reason: reason))
    }
  }

  private func dispatch(_ arrival: Arrival, _ consumer: Consumer) async throws {
    let dispatched = try await attempt {
      try await self.dispatcher().dispatch(DispatchedCommand(arrival.command))
    }
    switch dispatched {
    case .success(let isRepeat):
      consumer.acknowledge([arrival.delivery.tag])
      observe(.taken(isRepeat ? .repeated : .stored))
    case .failure(let flaw): try await setAside(arrival.delivery, flaw, consumer)
    }
  }

  private func setAside(
    _ delivery: ChannelDelivery<ChannelMessage>, _ flaw: Flaw, _ consumer: Consumer
  ) async throws {
    try await consumer.setAside(delivery, as: LetterStamp(flaw.reason, environment))
    observe(.setAside(flaw.reason))
    observe(.taken(.setAside))
  }

  /// Retries until success or a permanent failure. Throws `CancellationError`.
  private func attempt<Outcome: Sendable>(
    _ body: () async throws -> Outcome
  ) async throws -> Result<Outcome, Flaw> {
    var backoff = Backoff(
      from: settings.retryDelay.lowerBound, upTo: settings.retryDelay.upperBound)
    while true {
      try Task.checkCancellation()
      do {
        let outcome = try await body()
        isStalled.store(false, ordering: .relaxed)
        return .success(outcome)
      } catch {
        let status = ErrorStatus(error)
        guard status.mayPass else { return .failure(Flaw(reason: status.message)) }
        if !isStalled.exchange(true, ordering: .relaxed) {
          observe(.storeUnavailable(StorageError(wrapping: error)))
        }
        try await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }
}

/// The bounds and intervals of an intake of commands.
public struct CommandIntakeSettings: Sendable, Equatable {
  /// Unacknowledged messages at a time.
  public var windowMax = 1024
  /// Back-off while store or broker are unavailable.
  public var retryDelay = Duration.milliseconds(50)...Duration.seconds(1)
  /// Interval between counts of dead letters.
  public var letterCountInterval = Duration.seconds(30)

  public init() {}
}
