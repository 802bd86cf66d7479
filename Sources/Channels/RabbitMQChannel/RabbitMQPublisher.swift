import CRabbitMQ
import EventModel
import EventSourcing

/// Publishes one partition's commits on an AMQP channel in confirm mode.
final class RabbitMQPublisher: ChannelPublisher {
  private let link: Link
  private let session: PublisherSession
  private let channel: UInt16
  private let partition: UInt32

  init(
    on link: Link, to exchange: Exchange, key: String, partition: UInt32,
    blocked: @escaping @Sendable (String?) -> Void
  ) async throws(ChannelError) {
    let session = PublisherSession(
      exchange: exchange.name, key: key, partition: partition, report: blocked)
    channel = try await link.call { thread throws(ChannelError) in
      try thread.begin(session) { connection, channel throws(ChannelError) in
        try connection.declareExchange(channel, exchange.name, type: exchange.type)
        try connection.selectConfirms(channel)
      }
    }
    (self.link, self.session, self.partition) = (link, session, partition)
  }

  func publish(_ commits: [RecordedCommit]) async throws(ChannelError) {
    try session.progress.check()
    let messages = commits.map { (number: $0.position.number, message: OutgoingMessage($0)) }
    link.perform { [session, channel] thread in session.publish(messages, on: channel, thread) }
  }

  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    try await session.progress.wait(after: number)
  }

  func close() async {
    session.progress.fail(.closed)
    link.perform { [session, channel] thread in thread.end(channel, of: session) }
  }
}

/// The part of a publisher on the link's thread.
///
/// `@unchecked Sendable`: only that thread uses the mutable properties; `progress` locks by itself.
final class PublisherSession: LinkSession, @unchecked Sendable {
  let progress = Progress()
  private let exchange: String
  private let key: String
  private let partition: UInt32
  private let report: @Sendable (String?) -> Void
  private var pending: [(number: UInt64, message: OutgoingMessage)] = []
  private var confirms = Confirms()
  private var channel: UInt16 = 0
  private var isBlocked = false
  private var isWriting = false

  init(
    exchange: String, key: String, partition: UInt32, report: @escaping @Sendable (String?) -> Void
  ) {
    self.exchange = exchange
    self.key = key
    self.partition = partition
    self.report = report
  }

  func publish(
    _ messages: [(number: UInt64, message: OutgoingMessage)], on channel: UInt16,
    _ thread: LinkThread
  ) {
    self.channel = channel
    pending += messages
    write(thread)
  }

  /// Writes pending messages, and checks the broker's frames regularly.
  private func write(_ thread: LinkThread) {
    if isWriting { return }
    isWriting = true
    defer { isWriting = false }
    while !isBlocked, !pending.isEmpty, progress.isGood {
      let portion = pending.prefix(Limits.messagesPerPass)
      pending.removeFirst(portion.count)
      thread.with(channel, of: self) { connection throws(ChannelError) in
        for (number, message) in portion {
          confirms.published(number)
          try connection.publish(message, to: exchange, key: key, on: channel)
        }
      }
      thread.receive()
    }
  }

  func receive(_ method: amqp_method_t, _ thread: LinkThread) throws(ChannelError) {
    switch method.id {
    case outrider_basic_ack:
      guard
        let ack = method.decoded?.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
      else { return }
      if let confirmed = confirms.confirm(ack.delivery_tag, upTo: ack.multiple != 0) {
        progress.advance(to: confirmed)
      }
    case outrider_basic_nack:
      let nack = method.decoded?.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
      let number = nack.flatMap { confirms.number(of: $0.delivery_tag) }
      end(
        ChannelError(
          .refused,
          "RabbitMQ refused a message: a queue is full (x-max-length with reject-publish), or "
            + "failed; see the broker's log", position: number.map(position)), thread)
    default: break
    }
  }

  func receive(_ content: IncomingContent, _ thread: LinkThread) throws(ChannelError) {
    guard case .returned(let code, let text) = content.method else { return }
    let number = content.messageID.flatMap { UInt64($0) }
    end(
      ChannelError(
        .unroutable,
        "exchange \(exchange) has no queue for key \(key.isEmpty ? "\"\"" : key) "
          + "(\(code) \(text)): start a consumer, or bind a queue", position: number.map(position)),
      thread)
  }

  func blocked(_ reason: String?, _ thread: LinkThread) throws(ChannelError) {
    isBlocked = reason != nil
    report(reason)
    if !isBlocked { write(thread) }
  }

  func fail(_ error: ChannelError) {
    pending = []
    var error = error
    // The broker does not name the message that it closed the channel for. It confirms in order,
    // so take the first unconfirmed one.
    if error.code == .refused, error.position == nil {
      error.position = confirms.first.map(position)
    }
    progress.fail(error)
  }

  private func end(_ error: ChannelError, _ thread: LinkThread) {
    fail(error)
    thread.end(channel, of: self)
  }

  private func position(_ number: UInt64) -> Position {
    Position(partition: partition, number: number)
  }
}
