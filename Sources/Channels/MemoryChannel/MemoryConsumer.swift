import EventSourcing

/// Delivers a queue's messages, up to a window.
final class MemoryConsumer<Message: Sendable>: ChannelConsumer {
  private let queue: MemoryQueue<Message>
  private let id: UInt64

  init(of queue: MemoryQueue<Message>, window: Int) {
    self.queue = queue
    id = queue.attach(window: window)
  }

  func deliveries() async throws(ChannelError) -> [ChannelDelivery<Message>] {
    let deliveries = await queue.take(for: id)
    if deliveries.isEmpty { throw ChannelError(.unavailable, "the consumer was closed") }
    return deliveries
  }

  func acknowledge(_ tags: [UInt64]) { queue.acknowledge(tags, of: id) }

  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp
  ) async throws(ChannelError) {
    queue.setAside(delivery, as: stamp, of: id)
  }

  func close() async { queue.detach(id) }
}
