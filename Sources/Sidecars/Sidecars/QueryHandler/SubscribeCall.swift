import EventModel
import EventSourcing
import RPC
import Synchronization
import Timing
import Wire

/// One call of `Subscriptions.Subscribe`: a consumer of a subscription in one or more domains.
final class SubscribeCall: Sendable {
  private let domains: QueriedDomains
  private let calls: ConsumerCalls
  private let responses: ResponseStream
  private let context: ServerContext
  private let settings: ConsumerSettings
  private let environment: Environment
  private let consumers = Mutex<[Name: SubscriptionConsumer]>([:])

  init(
    _ domains: QueriedDomains, _ calls: ConsumerCalls, _ responses: ResponseStream,
    _ context: ServerContext, _ settings: ConsumerSettings, _ environment: Environment
  ) {
    self.domains = domains
    self.calls = calls
    self.responses = responses
    self.context = context
    self.settings = settings
    self.environment = environment
  }

  /// Serves the call until the client closes its requests, or an error occurs.
  func run(_ requests: RequestStream) async throws {
    var iterator = requests.makeAsyncIterator()
    guard let first = try await iterator.next() else { return }
    let request = try OutriderV1.SubscribeRequest(wireBytes: first)
    guard let begin = request.begin else {
      throw EventSourcingError(.invalid, "begin is missing: the first request has it")
    }
    // Checks access to every domain before the first delivery.
    for domain in begin.domains { _ = try await domains.store(of: domain) }
    try acknowledge(request.acknowledgements)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for domain in begin.domains {
        group.addTask { try await self.consume(domain, begin) }
      }
      group.addTask { try await self.readAcknowledgements(requests) }
      group.addTask { try await self.calls.failAtEnd() }
      // The consumers leave before the call ends, so their acknowledgements are stored.
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func readAcknowledgements(_ requests: RequestStream) async throws {
    for try await message in requests {
      let request = try OutriderV1.SubscribeRequest(wireBytes: message)
      guard request.begin == nil else {
        throw EventSourcingError(.invalid, "begin is for the first request only")
      }
      try acknowledge(request.acknowledgements)
    }
  }

  private func acknowledge(_ acknowledgements: [OutriderV1.Acknowledgement]) throws {
    for acknowledgement in acknowledgements {
      let domain = acknowledgement.domain
      guard let consumer = consumers.withLock({ $0[domain] }) else {
        throw EventSourcingError(.invalid, "nothing of domain \(domain) was delivered by this call")
      }
      try consumer.acknowledge(acknowledgement.position, lane: acknowledgement.lane)
    }
  }

  private func consume(_ domain: Name, _ begin: OutriderV1.SubscriptionBegin) async throws {
    var wish = SubscriptionConsumer.Wish(
      name: begin.name, filter: EventTypeFilter(begin.eventTypes),
      start: .init(begin.start), lanes: begin.lanes)
    if try await !domains.exists(domain) {
      // The domain had no commit when the call began, so its head was the beginning.
      wish.start = .beginning
      try await waitForExistence(of: domain)
    }
    var settings = settings
    settings.window = min(begin.window ?? settings.window, ConsumerSettings.windowMax)
    let consumer = SubscriptionConsumer(
      wish, in: try await domains.store(of: domain), link: link(to: domain), settings: settings,
      environment: environment)
    consumers.withLock { $0[domain] = consumer }
    try await consumer.run()
  }

  /// Waits until the domain exists: a subscription is stored in its domain, and creates none.
  private func waitForExistence(of domain: Name) async throws {
    let store = try await domains.store(of: domain)
    repeat {
      await within(.seconds(1), sleep: environment.sleep) {
        await store.waitForLog(after: Position(number: 0))
      }
      try Task.checkCancellation()
    } while try await !domains.exists(domain)
  }

  private func link(to domain: Name) -> ConsumerLink {
    domains.link(for: context) { [responses] message in
      try await responses.send(OutriderV1.SubscribeResponse(message, of: domain).wireBytes)
    }
  }
}

extension OutriderV1.SubscribeResponse {
  fileprivate init(_ message: ConsumerMessage, of domain: Name) {
    switch message {
    case .gained(let lane, let checkpoint):
      self = .assignment(.init(lane, of: domain, isHeld: true, checkpoint))
    case .lost(let lane, let checkpoint):
      self = .assignment(.init(lane, of: domain, isHeld: false, checkpoint))
    case .commit(let recorded, let lane):
      self = .delivery(
        .init(
          domain: domain, position: recorded.position, lane: lane,
          content: .commit(EventBook(recorded.commit), id: recorded.commit.id)))
    case .damage(let position, let lane, let message):
      self = .delivery(
        .init(domain: domain, position: position, lane: lane, content: .damage(message)))
    }
  }
}

extension OutriderV1.LaneAssignment {
  fileprivate init(
    _ lane: SubscriptionLane, of domain: Name, isHeld: Bool, _ checkpoint: UInt64
  ) {
    self.init(
      domain: domain, partition: lane.partition, lane: lane.lane, isHeld: isHeld,
      checkpoint: checkpoint)
  }
}
