import CRabbitMQ
import EventModel
import EventSourcing
import Wire

/// Consumes one subscription's queue of one partition.
final class RabbitMQConsumer: ChannelConsumer {
  private let link: Link
  private let session: ConsumerSession
  private let channel: UInt16

  init(
    on link: Link, exchange: Exchange, key: String, queue: String,
    only: (domain: Name, partition: UInt32)?, window: Int
  ) async throws(ChannelError) {
    let session = ConsumerSession(queue: queue, only: only)
    let prefetch = UInt16(clamping: max(window, 1))
    channel = try await link.call { thread throws(ChannelError) in
      try thread.begin(session) { connection, channel throws(ChannelError) in
        try connection.declareExchange(channel, exchange.name, type: exchange.type)
        try connection.declareQueue(channel, queue)
        try connection.declareQueue(channel, BrokerNames.deadLetters(of: queue))
        try connection.bind(channel, queue: queue, to: exchange.name, key: key)
        try connection.selectConfirms(channel)
        session.channel = channel
        try connection.consume(channel, queue: queue, prefetch: prefetch)
      }
    }
    (self.link, self.session) = (link, session)
  }

  func deliveries() async throws(ChannelError) -> [CommitDelivery] {
    try await session.inbox.take()
  }

  func acknowledge(_ tags: [UInt64]) {
    link.perform { [session] thread in session.acknowledge(tags, thread) }
  }

  func setAside(_ delivery: CommitDelivery, as stamp: LetterStamp) async throws(ChannelError) {
    let result = await withCheckedContinuation { continuation in
      let isAccepted = link.perform { [session] thread in
        session.setAside(delivery, as: stamp, thread) { continuation.resume(returning: $0) }
      }
      if !isAccepted { continuation.resume(returning: .failure(.closed)) }
    }
    try result.get()
  }

  func close() async {
    session.inbox.fail(.closed)
    link.perform { [session, channel] thread in thread.end(channel, of: session) }
  }
}

/// The part of a consumer on the link's thread.
///
/// `@unchecked Sendable`: only that thread uses the mutable properties; `inbox` locks by itself.
final class ConsumerSession: LinkSession, @unchecked Sendable {
  typealias Completion = (Result<Void, ChannelError>) -> Void

  let inbox = Inbox()
  private let queue: String
  var channel: UInt16 = 0
  /// The only commits to deliver; others are skipped; nil: deliver all.
  private let only: (domain: Name, partition: UInt32)?
  private var acknowledgements = Acknowledgements()
  /// Malformed deliveries, until they are set aside.
  private var malformed: [UInt64: IncomingContent] = [:]
  /// Dead letters that await their confirm, in the order of publication.
  private var leaving: [(tag: UInt64, done: Completion)] = []
  private var confirms = Confirms()
  private var lastLetter: UInt64 = 0
  /// The error of the first of them, if the broker returned it.
  private var returned: ChannelError?

  init(queue: String, only: (domain: Name, partition: UInt32)?) {
    self.queue = queue
    self.only = only
  }

  func receive(_ content: IncomingContent, _ thread: LinkThread) throws(ChannelError) {
    switch content.method {
    case .deliver(let tag)?:
      acknowledgements.delivered(tag)
      let delivery = ChannelDelivery(tag: tag, content: read(content, tag: tag))
      if isOfOthers(delivery) { acknowledge([tag], thread) } else { inbox.put(delivery) }
    case .returned(let code, let text)?:
      // Its confirm follows.
      returned = ChannelError(.unroutable, "the dead letters of \(queue): \(code) \(text)")
    case nil: break
    }
  }

  private func isOfOthers(_ delivery: CommitDelivery) -> Bool {
    guard let only, case .message(let recorded) = delivery.content else { return false }
    return recorded.commit.cover.domain != only.domain
      || recorded.position.partition != only.partition
  }

  private func read(_ content: IncomingContent, tag: UInt64) -> CommitDelivery.Content {
    do {
      return .message(
        try RecordedCommit(
          message: content.body, commitID: content.headers[EventMessage.commitIDHeader]))
    } catch {
      malformed[tag] = content
      return .malformed("it is no event book of Outrider: \(error)")
    }
  }

  func receive(_ method: amqp_method_t, _ thread: LinkThread) throws(ChannelError) {
    switch method.id {
    case outrider_basic_cancel:
      inbox.fail(ChannelError(.unavailable, "queue \(queue) was deleted; it is made again"))
      thread.end(channel, of: self)
    case outrider_basic_ack:
      guard
        let ack = method.decoded?.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee,
        let confirmed = confirms.confirm(ack.delivery_tag, upTo: ack.multiple != 0)
      else { return }
      while lastLetter - UInt64(leaving.count) < confirmed, !leaving.isEmpty {
        finishLeaving(returned.take().map { .failure($0) } ?? .success(()), thread)
      }
    case outrider_basic_nack:
      // Refused messages come again with the next consumer.
      fail(ChannelError(.refused, "RabbitMQ took no dead letter of \(queue)"))
      thread.end(channel, of: self)
    default: break
    }
  }

  func fail(_ error: ChannelError) {
    inbox.fail(error)
    let leaving = self.leaving
    self.leaving = []
    for entry in leaving { entry.done(.failure(error)) }
  }

  func acknowledge(_ tags: [UInt64], _ thread: LinkThread) {
    let frames = acknowledgements.acknowledge(tags)
    thread.with(channel, of: self) { connection throws(ChannelError) in
      for (tag, upTo) in frames {
        try connection.acknowledge(tag, upTo: upTo, on: channel)
      }
    }
  }

  // MARK: Dead letters

  /// Publishes the message to the queue's dead letters, and acknowledges it once that is
  /// confirmed.
  func setAside(
    _ delivery: CommitDelivery, as stamp: LetterStamp, _ thread: LinkThread,
    _ done: @escaping Completion
  ) {
    guard inbox.isGood else { return done(.failure(.closed)) }
    lastLetter += 1
    confirms.published(lastLetter)
    leaving.append((delivery.tag, done))
    let letter = letter(of: delivery, stamp)
    thread.with(channel, of: self) { connection throws(ChannelError) in
      try connection.publish(letter, to: "", key: BrokerNames.deadLetters(of: queue), on: channel)
    }
  }

  /// The original message, with the stamp.
  private func letter(of delivery: CommitDelivery, _ stamp: LetterStamp) -> OutgoingMessage {
    var letter: OutgoingMessage
    if case .message(let commit) = delivery.content {
      letter = OutgoingMessage(commit)
    } else {
      letter = OutgoingMessage(malformed[delivery.tag] ?? IncomingContent())
    }
    let headers = LetterHeaders(
      id: stamp.id, reason: stamp.reason, setAsideAt: stamp.setAsideAt)
    for header in headers.headers { letter.append(header) }
    return letter
  }

  private func finishLeaving(_ result: Result<Void, ChannelError>, _ thread: LinkThread) {
    let (tag, done) = leaving.removeFirst()
    if case .success = result {
      malformed[tag] = nil
      acknowledge([tag], thread)
    }
    done(result)
  }
}
