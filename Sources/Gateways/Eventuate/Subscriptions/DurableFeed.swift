import EventModel
import EventSourcing
import RPC
import Timing
import Wire

/// Delivers a durable subscription's events of one entity type to a connection, and returns
/// acknowledgements.
///
/// It is a consumer of `outrider.v1.Subscriptions` with a lane for each swimlane, so the
/// query-handler keeps the progress, and shares the lanes among all connections of the
/// subscriber.
final class DurableFeed: Sendable {
  private static let subscribe = Method(service: "outrider.v1.Subscriptions", name: "Subscribe")
  private static let list = Method(service: "outrider.v1.Subscriptions", name: "List")
  private static let head = Method(service: "outrider.v1.Log", name: "Head")
  /// The most unacknowledged commits of one swimlane. Clients acknowledge in order, even behind a
  /// slow handler, so a small window would stop all handlers.
  private static let window = 1000

  private let sink: EventSink
  private let calls: EventuateCalls
  private let start: SubscriptionRegistry.Start
  private let environment: Environment
  private let note: @Sendable (String) -> Void
  let acknowledgements = AckQueue()
  /// Whether the query-handler has answered.
  let isOpened = Watched(false)
  /// Nil unless the client wants progress notifications.
  private let ends: Watched<EndOfEvents?>

  /// - Parameter note: gets messages for an operator.
  init(
    _ sink: EventSink, _ calls: EventuateCalls, start: SubscriptionRegistry.Start,
    environment: Environment, note: @escaping @Sendable (String) -> Void
  ) {
    self.sink = sink
    self.calls = calls
    self.start = start
    self.environment = environment
    self.note = note
    ends = Watched(nil)
  }

  private var domain: Name { sink.type.domain }

  /// Runs until the acknowledgements are finished and stored, or until cancelled. Throws
  /// permanent failures.
  func run(notifyingProgress: Bool) async throws(EventuateFailure) {
    var backoff = Backoff(from: .milliseconds(100), upTo: .seconds(5))
    while !Task.isCancelled {
      do {
        if notifyingProgress, ends.look({ $0 == nil }) {
          let heads = try await calls.query(
            Self.head, OutriderV1.HeadRequest(domain: domain).wireBytes, on: domain)
          let positions = try OutriderV1.HeadResponse(wireBytes: heads).positions
          ends.change { $0 = EndOfEvents(heads: positions) }
        }
        try await consume(notifyingProgress) { backoff.reset() }
        return
      } catch {
        sink.connection.forget(sink.feed)
        acknowledgements.clear()
        let failure = (error as? EventuateFailure) ?? Self.failure(error)
        if acknowledgements.isFinished || Task.isCancelled { return }
        guard failure.status == 503 else { throw failure }
        try? await environment.sleep(backoff.next(random: environment.random()))
      }
    }
  }

  private static func failure(_ error: any Error) -> EventuateFailure {
    EventuateFailure((error as? RPCStatus) ?? RPCStatus(.internal, "\(error)"))
  }

  private func consume(
    _ notifyingProgress: Bool, answered: () -> Void
  ) async throws {
    let call = try await calls.stream(Self.subscribe, on: domain)
    try await call.send(OutriderV1.SubscribeRequest(begin: begin).wireBytes)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.acknowledge(to: call) }
      if notifyingProgress { group.addTask { try await self.watchProgress() } }
      defer { group.cancelAll() }
      for try await message in call.responses {
        isOpened.change { $0 = true }
        answered()
        try await take(try OutriderV1.SubscribeResponse(wireBytes: message))
      }
    }
  }

  private var begin: OutriderV1.SubscriptionBegin {
    // A subscription's limit of types; beyond it, filter here.
    let types = sink.events.map(\.text).sorted()
    return OutriderV1.SubscriptionBegin(
      name: sink.subscriber.subscription, domains: [domain],
      eventTypes: types.count <= FieldLimits.subscribedTypes ? types : [],
      start: start == .head ? .head : .beginning, lanes: Int(EndOfEvents.swimlanes),
      window: Self.window)
  }

  private func acknowledge(to call: ClientCall) async throws {
    while let acknowledgements = await acknowledgements.next() {
      let request = OutriderV1.SubscribeRequest(acknowledgements: acknowledgements)
      try await call.send(request.wireBytes)
    }
    try Task.checkCancellation()
    call.finishSending()
  }

  private func take(_ response: OutriderV1.SubscribeResponse) async throws {
    switch response {
    case .assignment(let lane) where lane.isHeld:
      ends.change { $0?.gained(lane.lane, partition: lane.partition) }
    case .assignment(let lane):
      ends.change { $0?.lost(lane.lane, partition: lane.partition) }
      sink.connection.forget(sink.feed, (lane.partition, lane.lane))
    case .delivery(let delivery):
      let count: Int
      switch delivery.content {
      case .commit(let book, _):
        do {
          count = try await sink.send(book, at: delivery.position, lane: delivery.lane)
        } catch {
          count = 0
          note("\(error.message); position \(delivery.position) of \(domain) is left out")
        }
      case .damage(let message):
        count = 0
        note("\(message); \(sink.subscriber.key) goes on behind it")
      }
      guard count == 0 else { return }
      acknowledgements.add(
        OutriderV1.Acknowledgement(
          domain: delivery.domain, position: delivery.position, lane: delivery.lane))
    }
  }
}

// MARK: - Progress

extension DurableFeed {
  /// Checks the swimlanes' progress once a second, until all have reached their end.
  private func watchProgress() async throws {
    while true {
      let due = ends.change { $0?.due() ?? [] }
      await sink.send(due)
      if ends.look({ $0?.isOver ?? true }) { return }
      try await environment.sleep(.seconds(1))
      for lane in try await progress() {
        ends.change { $0?.reached(lane.checkpoint, lane: lane.lane, partition: lane.partition) }
      }
    }
  }

  private func progress() async throws -> [OutriderV1.LaneStatus] {
    var page = OutriderV1.Page(size: 1000)
    while true {
      let answer = try await calls.query(
        Self.list, OutriderV1.ListSubscriptionsRequest(domain: domain, page: page).wireBytes,
        on: domain)
      let list = try OutriderV1.ListSubscriptionsResponse(wireBytes: answer)
      if let found = list.subscriptions.first(where: { $0.name == sink.subscriber.subscription }) {
        return found.progress
      }
      if list.nextPage.isEmpty { return [] }
      page.token = list.nextPage
    }
  }
}
