import EventModel
import EventSourcing
import Threads
import Timing

/// Consumes one partition of a domain on behalf of one subscription.
final class KafkaConsumer: ChannelConsumer {
  private let loop: ConsumerLoop
  private let deadLetters: @Sendable (OutgoingMessage) async throws(ChannelError) -> Void
  private let ended = Milestone()

  /// - Parameters:
  ///   - deadLetters: publishes a message to the topic's dead letters, and waits for the
  ///     confirmation.
  init(
    _ loop: ConsumerLoop,
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

  func deliveries() async throws(ChannelError) -> [ChannelDelivery] {
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

  func setAside(_ delivery: ChannelDelivery, as stamp: LetterStamp) async throws(ChannelError) {
    let malformed = try loop.intake.look { (intake) throws(ChannelError) in
      if let error = intake.error { throw error }
      return intake.malformed(delivery.tag)
    }
    if let message = malformed ?? delivery.message {
      try await deadLetters(KafkaLetter(of: message, stamp, group: loop.group).message)
    }
    acknowledge([delivery.tag])
  }

  /// Whether it is closed, and its thread gone.
  var isOver: Bool { ended.isReached }

  /// Comes back when what was acknowledged is committed, and the group is left.
  func close() async {
    loop.end(.closed)
    await ended.wait()
  }
}

extension ChannelDelivery {
  /// The message of a commit.
  fileprivate var message: OutgoingMessage? {
    if case .commit(let commit) = content { OutgoingMessage(commit) } else { nil }
  }
}
