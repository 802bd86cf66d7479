import CRdKafka
import EventSourcing
import Synchronization
import Timing

/// The loop of a consumer's thread: takes messages, commits acknowledged offsets, and follows the
/// group's assignments.
final class ConsumerLoop<Message: Sendable>: Sendable {
  let intake: Watched<Intake<Message>>
  let group: String
  let reader: MessageReader<Message>
  private let topic: String
  private let address: KafkaAddress
  private let report: @Sendable (String) -> Void
  /// Nil once the loop has ended.
  private let client: Mutex<KafkaClient?>

  init(
    of topic: String, for group: String, window: Int, reader: MessageReader<Message>,
    at address: KafkaAddress, report: @escaping @Sendable (String) -> Void
  ) throws(ChannelError) {
    self.topic = topic
    self.group = group
    self.reader = reader
    self.address = address
    self.report = report
    intake = Watched(Intake(window: window))
    client = Mutex(try KafkaClient(.consumer(address, group: group)))
  }

  /// Ends the loop.
  func end(_ error: ChannelError) {
    intake.change { $0.fail(error) }
    wake()
  }

  func wake() { client.withLock { $0 }?.wake() }

  // MARK: The thread

  /// - Parameter late: called once if the broker delays the end.
  func run(late: () -> Void) {
    guard let client = client.withLock({ $0 }) else { return }
    let consumer = GroupConsumer(client, topic: topic)
    if let error = consumer.subscribe() { fail(error) }
    var lastCommit = ContinuousClock.now
    while intake.look({ $0.error == nil }) {
      // Messages that do not fit stay in the library's queue; other events are handled meanwhile.
      let hasRoom = intake.look { !$0.isFull }
      if hasRoom, let event = client.pollMessages(milliseconds: Limits.messagePollMilliseconds) {
        handle(event, consumer)
      }
      if let event = client.poll(milliseconds: hasRoom ? 0 : Limits.pollMilliseconds) {
        handle(event, consumer)
      }
      if ContinuousClock.now - lastCommit >= Limits.commitInterval {
        lastCommit = .now
        commit(consumer)
      }
    }
    leave(consumer, late: late)
    self.client.withLock { $0 = nil }
  }

  private func handle(_ event: KafkaEvent, _ consumer: GroupConsumer) {
    switch event.type {
    case RD_KAFKA_EVENT_FETCH: receive(event)
    case RD_KAFKA_EVENT_REBALANCE: rebalance(event, consumer)
    case RD_KAFKA_EVENT_OFFSET_COMMIT: committed(event, consumer)
    case RD_KAFKA_EVENT_LOG: report(event.logLine)
    case RD_KAFKA_EVENT_ERROR: noticed(event)
    default: break
    }
  }

  private func receive(_ event: KafkaEvent) {
    event.forEachMessage { pointer in
      let message = IncomingMessage(pointer)
      let reading = message.isRetry(forOtherThan: group) ? nil : reader.read(message)
      intake.change { intake in
        guard let reading else {
          return intake.passOver(partition: message.partition, offset: message.offset)
        }
        intake.receive(
          reading.content, partition: message.partition, offset: message.offset,
          copy: reading.copy)
      }
    }
  }

  /// Handles an error of connections or the group. Most are temporary.
  private func noticed(_ event: KafkaEvent) {
    let code = event.code
    let isEnd =
      event.isFatal || code == RD_KAFKA_RESP_ERR__FATAL
      || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code.kind != .unavailable
    if isEnd {
      fail(ChannelError(kafka: code, "topic \(topic)", at: address, detail: event.text))
    } else {
      report(event.text)
    }
  }

  private func fail(_ error: ChannelError) { intake.change { $0.fail(error) } }

  // MARK: The group

  private func rebalance(_ event: KafkaEvent, _ consumer: GroupConsumer) {
    if event.code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
      intake.change { $0.assign(consumer.assign(event)) }
    } else {
      if !consumer.hasLostAssignment { commit(consumer) }
      intake.change { $0.revoke() }
      consumer.unassign()
    }
  }

  private func commit(_ consumer: GroupConsumer) {
    let offsets = intake.look { $0.takeDue() }
    if !offsets.isEmpty, !consumer.commit(offsets) { restore(offsets) }
  }

  private func committed(_ event: KafkaEvent, _ consumer: GroupConsumer) {
    consumer.committed()
    let code = event.code
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR__NO_OFFSET else { return }
    if code.kind == .unavailable {
      report("\(group): a commit failed and is tried again: \(code.text)")
      restore(event.offsets)
    } else {
      fail(ChannelError(kafka: code, "group \(group)", at: address))
    }
  }

  private func restore(_ offsets: [Int32: Int64]) { intake.change { $0.restore(offsets) } }

  /// Commits and leaves the group, so that the next member starts at once.
  private func leave(_ consumer: GroupConsumer, late: () -> Void) {
    commit(consumer)
    let deadline = ContinuousClock.now + Limits.closeMax
    while consumer.isCommitting, ContinuousClock.now < deadline {
      guard let event = consumer.client.poll(milliseconds: Limits.pollMilliseconds) else {
        continue
      }
      if event.type == RD_KAFKA_EVENT_OFFSET_COMMIT { consumer.committed() }
      if event.type == RD_KAFKA_EVENT_REBALANCE { consumer.unassign() }
    }
    consumer.close(late: late)
  }
}
