import CRdKafka
import EventModel
import EventSourcing
import Timing

/// Publishes messages to one topic, and confirms their delivery in order.
///
/// After the first failure it confirms nothing more: later messages may or may not arrive.
final class ProducerSession: Sendable {
  private struct Promise: Sendable {
    let number: UInt64
    let position: Position?
    let byteCount: Int
  }

  private struct State: Sendable {
    /// Nil once the session has ended.
    var topic: KafkaTopic?
    var deliveries = LowWater<Promise>()
    var confirmed: UInt64 = 0
    var error: ChannelError?
  }

  /// Its number among the producer's sessions, part of each ticket.
  let id: UInt32
  private let address: KafkaAddress
  private let window: Int
  private let state: Watched<State>
  private let topicName: String

  init(_ id: UInt32, to topic: KafkaTopic, at address: KafkaAddress, window: Int) {
    self.id = id
    self.address = address
    self.window = max(window, 1)
    topicName = topic.name
    state = Watched(State(topic: topic))
  }

  /// Passes a message to the producer. Waits while the window is full.
  ///
  /// - Parameters:
  ///   - number: the result of `confirmation` once this message and all before it are confirmed.
  ///   - position: for errors.
  func produce(
    _ message: OutgoingMessage, number: UInt64, position: Position? = nil
  ) async throws(ChannelError) {
    let code = try await state.wait { (state) throws(ChannelError) -> KafkaCode? in
      if let error = state.error { throw error }
      guard let topic = state.topic else { throw .closed }
      guard state.deliveries.count < self.window else { return nil }
      // A message that the library refuses stays in the list, so nothing behind it is confirmed.
      let index = state.deliveries.begin(
        Promise(number: number, position: position, byteCount: message.byteCount))
      return topic.produce(message, ticket: Ticket(session: self.id, index: index).value)
    }
    guard let code else { throw .closed }
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    if code.isConsequence {
      _ = try await confirmation(after: .max)
    }
    let error = error(code, byteCount: message.byteCount, position)
    end(error)
    throw error
  }

  private func error(
    _ code: KafkaCode, byteCount: Int?, _ position: Position?
  ) -> ChannelError {
    var what = "topic \(topicName)"
    if code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, let byteCount {
      what += ": a message of \(byteCount) bytes"
    }
    return ChannelError(kafka: code, what, at: address, position: position)
  }

  var error: ChannelError? { state.look(\.error) }

  func check() throws(ChannelError) {
    try state.look { (state) throws(ChannelError) in if let error = state.error { throw error } }
  }

  /// Waits until a message after `number` is confirmed. Confirmations before a failure are
  /// returned before the failure is thrown.
  func confirmation(after number: UInt64) async throws(ChannelError) -> UInt64 {
    let confirmed = try await state.wait { (state) throws(ChannelError) -> UInt64? in
      if state.confirmed > number { return state.confirmed }
      if let error = state.error { throw error }
      return nil
    }
    guard let confirmed else { throw .closed }
    return confirmed
  }

  /// Ends the session; the first error stays.
  func end(_ error: ChannelError) {
    // Free the topic's last reference outside the lock, because that takes locks of the library.
    _ = state.change { state in
      state.error = state.error ?? error
      defer { state.topic = nil }
      return state.topic
    }
  }

  // MARK: On the producer's thread

  /// Handles delivery reports, in order.
  ///
  /// The first failure ends the session.
  func delivered(_ reports: [(index: UInt64, code: KafkaCode)]) {
    let failure = state.change { state -> ChannelError? in
      guard state.error == nil else { return nil }
      for (index, code) in reports {
        if code == RD_KAFKA_RESP_ERR_NO_ERROR {
          if let promise = state.deliveries.finish(index) { state.confirmed = promise.number }
        } else if !code.isConsequence {
          let promise = state.deliveries.value(of: index)
          let error = self.error(code, byteCount: promise?.byteCount, promise?.position)
          state.error = error
          return error
        }
      }
      return nil
    }
    if let failure { end(failure) }
  }
}

/// Identifies a message in the library: its session and index.
struct Ticket {
  private static let indexBits: UInt = 40
  static let sessionMax: UInt32 = 1 << 24 - 1

  let session: UInt32
  let index: UInt64

  init(session: UInt32, index: UInt64) {
    self.session = session
    self.index = index
  }

  /// The session in the upper 24 bits, the message's index in the lower 40.
  var value: UInt { UInt(session) << Self.indexBits | UInt(index) }

  init(_ value: UInt) {
    session = UInt32(value >> Self.indexBits)
    index = UInt64(value & (1 << Self.indexBits - 1))
  }
}
