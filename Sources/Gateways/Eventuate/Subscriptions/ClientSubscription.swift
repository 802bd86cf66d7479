import EventModel
import EventSourcing
import STOMP
import Synchronization
import Timing
import Wire

/// One subscription of a connection, with a feed for each entity type.
final class ClientSubscription: Sendable {
  private enum Feed: Sendable {
    case durable(DurableFeed, number: Int)
    case transient(TransientFeed, number: Int)

    var number: Int {
      switch self {
      case .durable(_, let number), .transient(_, let number): number
      }
    }

    var isOpened: Watched<Bool> {
      switch self {
      case .durable(let feed, _): feed.isOpened
      case .transient(let feed, _): feed.isOpened
      }
    }

    func run(_ notifyingProgress: Bool) async throws(EventuateFailure) {
      switch self {
      case .durable(let feed, _): try await feed.run(notifyingProgress: notifyingProgress)
      case .transient(let feed, _): try await feed.run(notifyingProgress: notifyingProgress)
      }
    }
  }

  private enum Ended: Sendable {
    case feed
    case finished
    case failed(EventuateFailure)
  }

  let request: Subscribe
  private let destination: Destination
  private let feeds: [Feed]
  private let connection: ConnectionState
  private let limits: STOMPLimits
  private let environment: Environment
  private let isOpen = Watched(false)
  /// True once it must end.
  private let isFinished = Watched(false)

  /// - Parameters:
  ///   - firstFeed: the number of the first feed; the others follow.
  ///   - note: gets messages for an operator.
  init(
    _ request: Subscribe, _ destination: Destination, firstFeed: Int, _ head: MessageHead,
    _ calls: EventuateCalls, _ connection: ConnectionState, _ limits: STOMPLimits,
    _ environment: Environment, note: @escaping @Sendable (String) -> Void
  ) {
    self.request = request
    self.destination = destination
    self.connection = connection
    self.limits = limits
    self.environment = environment
    // An entity type without event types needs no feed.
    let wanted = destination.wanted.filter { !$0.value.isEmpty }
      .sorted { $0.key.domain < $1.key.domain }
    feeds = wanted.enumerated().map { [isOpen] index, wanted in
      let number = firstFeed + index
      let sink = EventSink(
        type: wanted.key, events: wanted.value, head: head, feed: number, isOpen: isOpen,
        connection: connection, calls: calls)
      guard destination.isDurable else {
        return .transient(
          TransientFeed(
            sink: sink, calls: calls, start: destination.start, environment: environment),
          number: number)
      }
      let feed = DurableFeed(
        sink, calls, start: destination.start, environment: environment, note: note)
      connection.add(feed.acknowledgements, of: number)
      return .durable(feed, number: number)
    }
  }

  /// Runs until `finish`, or until cancelled. Throws the failure that ends the connection.
  func run() async throws(EventuateFailure) {
    let failure = await withTaskGroup(of: Ended.self) { group -> EventuateFailure? in
      for feed in feeds {
        group.addTask { [destination] in
          do throws(EventuateFailure) {
            try await feed.run(destination.notifiesProgress)
            return .feed
          } catch { return .failed(error) }
        }
      }
      group.addTask {
        await self.open()
        _ = await self.isFinished.wait { $0 ? true : nil }
        return .finished
      }
      defer { group.cancelAll() }
      for await ended in group {
        switch ended {
        case .feed: continue
        case .failed(let failure): return failure
        // A transient feed has nothing to store.
        case .finished: if !destination.isDurable { return nil }
        }
      }
      return nil
    }
    for feed in feeds { connection.remove(feed.number) }
    if let failure { throw failure }
  }

  /// Ends it once pending acknowledgements are sent.
  func finish() {
    isFinished.change { $0 = true }
    for feed in feeds {
      if case .durable(let feed, _) = feed { feed.acknowledgements.finish() }
    }
  }

  /// Its share of the limit, which includes types without a feed, since they name no events.
  var feedCount: Int { destination.wanted.count }

  /// Sends RECEIPT once the query-handler has opened the subscription, then releases messages.
  private func open() async {
    let patience =
      destination.start == .head ? limits.openingTime : limits.openingTimeOfOthers
    await within(patience, sleep: environment.sleep) { [feeds] in
      for feed in feeds { _ = await feed.isOpened.wait { $0 ? true : nil } }
    }
    if Task.isCancelled { return }
    if let receipt = request.receipt {
      await connection.outbox.send(ServerSession.receipt(receipt))
    }
    isOpen.change { $0 = true }
  }
}
