import EventModel
import EventSourcing
import Threads
import Timing

/// A member of a consumer group, for one topic.
final class KafkaConsumer<Message: Sendable>: ChannelConsumer {
  private let loop: ConsumerLoop<Message>
  private let deadLetters: @Sendable (OutgoingMessage) async throws(ChannelError) -> Void
  private let ended = Milestone()

  /// - Parameters:
  ///   - deadLetters: publishes a message to the topic's dead letters, and waits for the
  ///     confirmation.
  init(
    _ loop: ConsumerLoop<Message>,
    deadLetters: @escaping @Sendable (OutgoingMessage) async throws(ChannelError) -> Void
  ) throws(ChannelError) {
    self.loop = loop
    self.deadLetters = deadLetters
    do throws(ThreadFailure) {
      try startThread { [loop, ended] in
        loop.run { ended.reach() }
        ended.reach()
      }
    } catch {
      throw ChannelError(.unavailable, "\(error)")
    }
  }

  func deliveries() async throws(ChannelError) -> [ChannelDelivery<Message>] {
    let taken = try await loop.intake.wait { (intake) throws(ChannelError) in try intake.take() }
    guard let taken else { throw .closed }
    return taken
  }

  func acknowledge(_ tags: [UInt64]) {
    let hasRoom = loop.intake.look { intake in
      let wasFull = intake.isFull
      intake.acknowledge(tags)
      return wasFull && !intake.isFull
    }
    if hasRoom { loop.wake() }
  }

  func setAside(
    _ delivery: ChannelDelivery<Message>, as stamp: LetterStamp
  ) async throws(ChannelError) {
    let copy = try loop.intake.look { (intake) throws(ChannelError) in
      if let error = intake.error { throw error }
      return intake.copy(of: delivery.tag)
    }
    if let message = copy ?? rewritten(delivery) {
      try await deadLetters(KafkaLetter(of: message, stamp, group: loop.group).message)
    }
    acknowledge([delivery.tag])
  }

  private func rewritten(_ delivery: ChannelDelivery<Message>) -> OutgoingMessage? {
    if case .message(let message) = delivery.content { loop.reader.write(message) } else { nil }
  }

  /// Whether it is closed, and its thread has ended.
  var isOver: Bool { ended.isReached }

  /// Returns once acknowledged offsets are committed and the group is left.
  func close() async {
    loop.end(.closed)
    await ended.wait()
  }
}
