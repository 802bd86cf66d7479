import EventModel
import EventSourcing
import Timing

/// One subscription's unacknowledged messages.
final class MemoryQueue<Message: Sendable>: Sendable {
  private struct State {
    var waiting: [ChannelDelivery<Message>] = []
    var lastTag: UInt64 = 0
    /// The one active consumer with its window; nil: none.
    var consumer: (id: UInt64, window: Int)?
    var lastConsumer: UInt64 = 0
    var unacknowledged: [ChannelDelivery<Message>] = []
    var isClosed = false
    var letters: [Letter] = []
  }

  fileprivate struct Letter {
    let delivery: ChannelDelivery<Message>
    let stamp: LetterStamp
  }

  private let state = Watched(State())

  func put(_ contents: [ChannelDelivery<Message>.Content]) {
    state.change { state in
      for content in contents {
        state.lastTag += 1
        state.waiting.append(ChannelDelivery(tag: state.lastTag, content: content))
      }
    }
  }

  /// Starts a new consumer, which gets the earlier one's unacknowledged messages.
  func attach(window: Int) -> UInt64 {
    state.change { state in
      requeue(&state)
      state.lastConsumer += 1
      state.consumer = (state.lastConsumer, window)
      return state.lastConsumer
    }
  }

  func detach(_ id: UInt64) {
    state.change { state in
      guard state.consumer?.id == id else { return }
      requeue(&state)
      state.consumer = nil
    }
  }

  private func requeue(_ state: inout State) {
    state.waiting = state.unacknowledged + state.waiting
    state.unacknowledged = []
  }

  /// Takes as many messages as the consumer's window has room for. Waits for one; returns none
  /// once the consumer is replaced or closed.
  func take(for id: UInt64) async -> [ChannelDelivery<Message>] {
    await state.wait { state in
      guard let consumer = state.consumer, consumer.id == id, !state.isClosed else { return [] }
      let room = consumer.window - state.unacknowledged.count
      let taken = Array(state.waiting.prefix(max(room, 0)))
      if taken.isEmpty { return nil }
      state.waiting.removeFirst(taken.count)
      state.unacknowledged += taken
      return taken
    } ?? []
  }

  func acknowledge(_ tags: [UInt64], of id: UInt64) {
    state.change { state in
      guard state.consumer?.id == id else { return }
      state.unacknowledged.removeAll { tags.contains($0.tag) }
    }
  }

  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp, of id: UInt64
  ) {
    state.change { $0.letters.append(Letter(delivery: delivery, stamp: stamp)) }
    acknowledge([delivery.tag], of: id)
  }

  /// Whether all messages are acknowledged or set aside.
  var isDone: Bool { state.change { $0.waiting.isEmpty && $0.unacknowledged.isEmpty } }

  func close() { state.change { $0.isClosed = true } }
}

extension MemoryQueue: DeadLetters {
  func list(limit: ReadLimit) async throws(ChannelError) -> DeadLetterPage {
    state.look { state in
      DeadLetterPage(
        letters: state.letters.prefix(limit.count).map(\.value),
        hasMore: state.letters.count > limit.count)
    }
  }

  func count() async throws(ChannelError) -> Int { state.look(\.letters.count) }

  func letter(_ id: String) async throws(ChannelError) -> DeadLetter? {
    state.look { state in state.letters.first { $0.stamp.id == id }?.value }
  }

  func settle(
    _ choice: LetterChoice, by action: LetterAction
  ) async throws(ChannelError) -> SettledLetters {
    let chosen = state.change { state in
      let chosen = state.letters.filter { choice.includes($0.stamp.id) }
      state.letters.removeAll { choice.includes($0.stamp.id) }
      return chosen
    }
    if action == .retry { put(chosen.map(\.delivery.content)) }
    return chosen.reduce(into: SettledLetters()) { $0.add($1.stamp.id, of: choice) }
  }
}

extension MemoryQueue.Letter {
  /// A commit has no encoded message here, so its letter has no body.
  fileprivate var value: DeadLetter {
    var (headers, body): ([DeadLetter.Header], Bytes) = ([], [])
    if case .message(let message as ChannelMessage) = delivery.content {
      (headers, body) = (message.headers, message.body)
    }
    return DeadLetter(
      id: stamp.id, reason: stamp.reason, setAsideAt: stamp.setAsideAt, headers: headers,
      body: body)
  }
}
