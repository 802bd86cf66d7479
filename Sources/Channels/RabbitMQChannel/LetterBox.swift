import CRabbitMQ
import EventSourcing
import Glibc
import Threads

/// Handles a queue's dead letters, oldest first. For one thread.
///
/// Only one exists at a time, across all processes, because the letters that it holds are
/// invisible to others. Letters that were neither retried nor dropped return to their place when
/// this object ends.
final class LetterBox {
  private let connection: AMQPConnection
  private let queue: String
  private let letters: String
  private var channel: UInt16 = 1
  /// Letters from the beginning that were not read yet.
  private(set) var remaining = 0
  /// Letters to publish. No other frames are sent while their confirms are awaited.
  private var batch: [IncomingContent] = []
  private var batchBytes = 0
  /// Tags of letters whose message is published and unconfirmed, by confirm number.
  private var published: [UInt64: UInt64] = [:]
  private var lastNumber: UInt64 = 0

  init(
    of queue: String, at address: RabbitMQAddress, _ cancellation: Cancellation
  ) throws(ChannelError) {
    self.queue = queue
    letters = BrokerNames.deadLetters(of: queue)
    connection = try AMQPConnection(to: address)
    try lock(cancellation)
    remaining = try connection.declareQueue(channel, letters)
    try connection.selectConfirms(channel)
  }

  private func lock(_ cancellation: Cancellation) throws(ChannelError) {
    let deadline = ContinuousClock.now + Limits.lockWaitMax
    try connection.openChannel(channel)
    while try !connection.lock(channel, BrokerNames.lock(of: queue)) {
      try check(cancellation)
      guard ContinuousClock.now < deadline else {
        throw ChannelError(
          .unavailable, "another call works on the dead letters of \(queue): try again later")
      }
      usleep(Limits.lockRetryMicroseconds)
      channel += 1
      try connection.openChannel(channel)
    }
  }

  private func check(_ cancellation: Cancellation) throws(ChannelError) {
    if cancellation.isCancelled { throw ChannelError(.unavailable, "the call was cancelled") }
  }

  /// The next letter; nil after the last of those that were there at the beginning.
  func next(_ cancellation: Cancellation) throws(ChannelError) -> IncomingContent? {
    try check(cancellation)
    guard remaining > 0 else { return nil }
    remaining -= 1
    return try connection.get(channel, queue: letters)
  }

  func drop(_ letter: IncomingContent) throws(ChannelError) {
    try connection.acknowledge(letter.tag, upTo: false, on: channel)
  }

  /// Publishes the message to the subscription's queue, by `finish` at the latest. The letter is
  /// removed once that is confirmed.
  func retry(_ letter: IncomingContent) throws(ChannelError) {
    batch.append(letter)
    batchBytes += letter.body.count
    if batch.count >= Limits.lettersPerBatch || batchBytes >= Limits.letterBytesPerBatch {
      try publish()
    }
  }

  /// Returns once the broker has processed everything.
  func finish() throws(ChannelError) {
    try publish()
    // The broker answers this after the acknowledgements, which have no answer.
    try connection.declareQueue(channel, letters)
  }

  // MARK: Publishing

  private func publish() throws(ChannelError) {
    for letter in batch {
      lastNumber += 1
      published[lastNumber] = letter.tag
      try connection.publish(OutgoingMessage(letter), to: "", key: queue, on: channel)
    }
    (batch, batchBytes) = ([], 0)
    var content = IncomingContent()
    while !published.isEmpty {
      guard let frame = try connection.nextFrame(withinSeconds: Limits.connectTimeoutSeconds)
      else {
        throw ChannelError(
          .unavailable, "\(connection.address.description): queue \(queue): no confirmation")
      }
      if Int32(frame.frame_type) == AMQP_FRAME_METHOD {
        try receive(frame.payload.method, &content)
      } else if frame.channel == channel, content.take(frame) {
        throw ChannelError(
          .unroutable, "queue \(queue) is missing: start its projector, and try again")
      }
      connection.release(frame.channel)
    }
  }

  private func receive(
    _ method: amqp_method_t, _ content: inout IncomingContent
  ) throws(ChannelError) {
    switch method.id {
    case outrider_basic_ack:
      guard let ack = method.decoded?.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
      else { return }
      try settle(upTo: ack.delivery_tag, isMultiple: ack.multiple != 0)
    case outrider_basic_nack:
      throw ChannelError(
        .refused, "RabbitMQ took no message for queue \(queue): it is full, or failed")
    case outrider_basic_return: content.begin(.returned(code: 0, text: ""))
    case outrider_connection_blocked:
      throw ChannelError(
        .unavailable,
        "\(connection.address.description) takes no messages: it is low on memory or disk")
    case outrider_channel_close, outrider_connection_close:
      throw ChannelError(closing: method, "queue \(queue)", at: connection.address)
    default: break
    }
  }

  private func settle(upTo number: UInt64, isMultiple: Bool) throws(ChannelError) {
    let numbers = isMultiple ? published.keys.filter { $0 <= number } : [number]
    for number in numbers {
      guard let tag = published.removeValue(forKey: number) else { continue }
      try connection.acknowledge(tag, upTo: false, on: channel)
    }
  }
}
