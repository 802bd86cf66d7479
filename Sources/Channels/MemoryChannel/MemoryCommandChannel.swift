import EventModel
import EventSourcing
import Synchronization

/// A command channel in memory, for tests. All domains share it.
public final class MemoryCommandChannel: CommandChannel {
  private struct State {
    /// All published messages, for domains that join later.
    var messages: [ChannelMessage] = []
    var queues: [Name: MemoryQueue<ChannelMessage>] = [:]
  }

  public let name: Name = "memory"
  private let state = Mutex(State())

  public init() {}

  public func publish(
    _ message: ChannelMessage, to domain: Name
  ) async throws(ChannelError) {
    state.withLock { state in
      var message = message
      message.place = "memory/\(state.messages.count)"
      state.messages.append(message)
      for queue in state.queues.values { queue.put([.message(message)]) }
    }
  }

  public func consumer(
    of domain: Name, window: Int
  ) async throws(ChannelError) -> any ChannelConsumer<ChannelMessage> {
    MemoryConsumer(of: queue(of: domain), window: window)
  }

  public func deadLetters(of domain: Name) throws(ChannelError) -> any DeadLetters {
    queue(of: domain)
  }

  /// Whether a domain has acknowledged or set aside all published messages.
  public func isDone(for domain: Name) -> Bool { queue(of: domain).isDone }

  private func queue(of domain: Name) -> MemoryQueue<ChannelMessage> {
    state.withLock { state in
      if let queue = state.queues[domain] { return queue }
      let queue = MemoryQueue<ChannelMessage>()
      queue.put(state.messages.map { .message($0) })
      state.queues[domain] = queue
      return queue
    }
  }

  public func close() async {
    for queue in state.withLock({ Array($0.queues.values) }) { queue.close() }
  }
}
