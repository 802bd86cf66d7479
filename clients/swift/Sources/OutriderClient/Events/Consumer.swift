internal import EventModel
internal import Logging
internal import RPC
internal import Timing
internal import Wire

/// Feeds handlers from a subscription: one task reads, one task for each aggregate handles.
final class Consumer: Sendable {
  /// The longest wait for the last acknowledgements to be stored.
  private static let stopMax = Duration.seconds(10)

  /// A delivery in the handlers.
  struct Commit: Sendable {
    let call: ClientCall
    let domain: EventModel.Name
    let position: EventModel.Position
    let lane: UInt32
    let book: EventBook

    /// True if the commit is of the assigned lane.
    func isOf(_ lane: OutriderV1.LaneAssignment) -> Bool {
      domain == lane.domain && position.partition == lane.partition && self.lane == lane.lane
    }
  }

  private struct State: Sendable {
    var work: OrderedWork<Cover, Commit>
    var call: ClientCall?
  }

  private let begin: OutriderV1.SubscriptionBegin
  private let connection: Connection
  private let handle: Subscriber.Handler
  private let state: Watched<State>
  private let logger = Logger(label: "outrider")

  init(
    _ begin: OutriderV1.SubscriptionBegin, at connection: Connection, workers: Int,
    handle: @escaping Subscriber.Handler
  ) {
    self.begin = begin
    self.connection = connection
    self.handle = handle
    state = Watched(State(work: OrderedWork(workers: workers)))
  }

  /// Stops `run` gracefully.
  func stop() { state.change { $0.work.close() } }

  /// Runs until stopped. Throws what else ends the subscription.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { self.stop() }
        try await self.follow()
      }
      _ = await state.wait { $0.work.hasEnded ? true : nil }
      if let call = state.look({ $0.call }) {
        // The server ends the call once the acknowledgements are stored.
        call.finishSending()
        await within(Self.stopMax) { _ = await call.status }
        call.cancel()
      }
      try await group.waitForAll()
    }
  }

  /// Subscribes repeatedly. Throws if a retry is useless.
  private func follow() async throws {
    var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(5))
    try await withThrowingDiscardingTaskGroup { group in
      while !isStopping {
        let token = try await connection.currentToken()
        do {
          let call = try await connection.subscribe(showing: token)
          defer { forget(call) }
          try await read(call, &backoff, in: &group)
        } catch let status as RPCStatus {
          guard try await isWorthSubscribingAgain(after: status, showing: token) else {
            stop()
            throw Refused(status.code, status.message)
          }
          if !isStopping {
            logger.warning("subscription \(begin.name): \(status); subscribing again")
          }
        }
        await pause(backoff.next(random: Environment.live.random()))
      }
    }
  }

  /// A call ends with its token, and the next call may carry another.
  private func isWorthSubscribingAgain(
    after status: RPCStatus, showing token: String?
  ) async throws -> Bool {
    if status.code == .unauthenticated { return try await connection.currentToken() != token }
    return status.isWorthSubscribingAgain
  }

  private func read(
    _ call: ClientCall, _ backoff: inout Backoff,
    in group: inout ThrowingDiscardingTaskGroup<any Error>
  ) async throws {
    let isLate = state.change { state in
      state.call = call
      return state.work.isClosed
    }
    // Stopped while the call was opening: no other code ends it.
    if isLate { return }
    try await call.send(OutriderV1.SubscribeRequest(begin: begin).wireBytes)
    for try await message in call.responses {
      backoff.reset()
      switch try OutriderV1.SubscribeResponse(wireBytes: message) {
      case .assignment(let lane):
        if !lane.isHeld { state.change { $0.work.drop { $0.isOf(lane) } } }
      case .delivery(let delivery):
        if let aggregate = try await take(delivery, by: call) {
          group.addTask { await self.drain(aggregate) }
        }
      }
    }
  }

  /// Returns an aggregate whose queue needs a task.
  private func take(
    _ delivery: OutriderV1.SubscriptionDelivery, by call: ClientCall
  ) async throws -> Cover? {
    switch delivery.content {
    case .commit(let book, _):
      let commit = Commit(
        call: call, domain: delivery.domain, position: delivery.position, lane: delivery.lane,
        book: book)
      let isNew = state.change { $0.work.add(commit, to: book.cover) }
      return isNew ? book.cover : nil
    case .damage(let damage):
      logger.error(
        "\(delivery.domain): commit \(delivery.position) cannot be read, is passed over: \(damage)")
      try await call.acknowledge(delivery.domain, delivery.position, delivery.lane)
      return nil
    }
  }

  /// Deliveries of an ended call are delivered again by the next.
  private func forget(_ call: ClientCall) {
    call.finishSending()
    state.change { state in
      state.call = nil
      state.work.drop { $0.call === call }
    }
  }

  /// Handles the commits of an aggregate until its queue is empty.
  private func drain(_ aggregate: Cover) async {
    while case .handle(let entry)? = await state.wait(for: { $0.work.take(aggregate) }) {
      await handle(entry, of: aggregate)
    }
    // `take` may end the queue without waking `run`, which waits for that.
    state.change { _ in }
  }

  /// Passes on the events of a commit, and retries after a handler fails. Events handled before a
  /// failure are not passed on again.
  private func handle(
    _ entry: OrderedWork<Cover, Commit>.Entry, of aggregate: Cover
  ) async {
    let commit = entry.item
    var handled = 0
    var backoff = Backoff(from: .milliseconds(100), upTo: .seconds(30))
    while true {
      do {
        let events = try commit.book.events(at: commit.position, subscription: begin.name.text)
        for (payload, event) in events[handled...] {
          try await handle(payload, event)
          handled += 1
        }
        // An ended call stores nothing: the commit is delivered again.
        try? await commit.call.acknowledge(commit.domain, commit.position, commit.lane)
        break
      } catch {
        let delay = backoff.next(random: Environment.live.random())
        logger.error(
          """
          \(aggregate), commit \(commit.position): a handler of subscription \(begin.name) failed, \
          and is called again in \(delay): \(error)
          """)
        state.change { $0.work.postpone() }
        await pause(delay)
        guard await isStillWanted(entry, of: aggregate) else { return }
      }
    }
    state.change { $0.work.finish(entry, of: aggregate) }
  }

  /// Waits for its turn. False if the entry was dropped, or if no more is handled.
  private func isStillWanted(
    _ entry: OrderedWork<Cover, Commit>.Entry, of aggregate: Cover
  ) async -> Bool {
    await state.wait { state -> Bool? in
      guard state.work.isWanted(entry, of: aggregate), !state.work.isClosed else { return false }
      if case .handle? = state.work.take(aggregate) { return true }
      return nil
    } ?? false
  }

  private var isStopping: Bool { state.look { $0.work.isClosed } }

  /// Returns early if no more is handled.
  private func pause(_ duration: Duration) async {
    await within(duration) { [state] in
      _ = await state.wait { $0.work.isClosed ? true : nil }
    }
  }
}

extension ClientCall {
  fileprivate func acknowledge(
    _ domain: EventModel.Name, _ position: EventModel.Position, _ lane: UInt32
  ) async throws {
    let acknowledgement = OutriderV1.Acknowledgement(
      domain: domain, position: position, lane: lane)
    try await send(OutriderV1.SubscribeRequest(acknowledgements: [acknowledgement]).wireBytes)
  }
}

extension RPCStatus {
  /// True if the next call may succeed: sidecars restart, and lanes move between them.
  fileprivate var isWorthSubscribingAgain: Bool {
    mayPass || [.resourceExhausted, .internal, .unknown].contains(code)
  }
}
