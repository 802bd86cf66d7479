import CRdKafka
import EventSourcing
import Synchronization
import Threads

/// A producer of librdkafka, with a thread for its delivery reports. Sessions share it.
///
/// It ends with all its sessions when the broker refuses a message, or confirms nothing for too
/// long. So a session's messages arrive without gaps up to some point, and the sessions of the
/// next producer repeat the unconfirmed ones.
final class Producer: Sendable {
  private struct State {
    /// Nil once the producer has ended.
    var client: KafkaClient?
    var sessions: [UInt32: ProducerSession] = [:]
    var lastSession: UInt32 = 0
    /// The library's last error of its connections.
    var lastError: ChannelError?
    var end: ChannelError?
  }

  let address: KafkaAddress
  private let report: @Sendable (String) -> Void
  private let state: Mutex<State>
  private let ended = Milestone()

  /// - Parameters:
  ///   - isGapless: whether a refused message ends the producer; if not, it fails alone.
  ///   - report: gets the library's log.
  init(
    _ address: KafkaAddress, isGapless: Bool = true, report: @escaping @Sendable (String) -> Void
  ) throws(ChannelError) {
    self.address = address
    self.report = report
    let client = try KafkaClient(.producer(address, isGapless: isGapless))
    state = Mutex(State(client: client))
    do throws(ThreadFailure) {
      try startThread { [self] in
        run()
        ended.reach()
      }
    } catch {
      throw ChannelError(.unavailable, "\(error)")
    }
  }

  var isGood: Bool { state.withLock { $0.end == nil } }

  /// The last connection error since a message was delivered.
  var lastError: ChannelError? { state.withLock(\.lastError) }

  /// The client; throws once the producer has ended.
  func client() throws(ChannelError) -> KafkaClient {
    guard let client = state.withLock({ $0.end == nil ? $0.client : nil }) else { throw .closed }
    return client
  }

  func begin(_ topic: String, window: Int) throws(ChannelError) -> ProducerSession {
    let topic = try KafkaTopic(topic, of: try client())
    let session = state.withLock { state -> ProducerSession? in
      if state.end != nil { return nil }
      state.lastSession = state.lastSession % Ticket.sessionMax + 1
      let session = ProducerSession(state.lastSession, to: topic, at: address, window: window)
      state.sessions[session.id] = session
      return session
    }
    guard let session else { throw .closed }
    return session
  }

  /// Ends a session. Messages without a report may or may not arrive.
  func end(_ session: ProducerSession) {
    session.end(.closed)
    state.withLock { $0.sessions[session.id] = nil }
  }

  /// Ends all sessions.
  func end() { end(.closed) }

  /// Ends all sessions. Returns once the library's threads have ended.
  func close() async {
    end()
    await ended.wait()
  }

  private func end(_ error: ChannelError) {
    let client = state.withLock { state in
      state.end = state.end ?? error
      return state.client
    }
    client?.wake()
  }

  // MARK: The thread

  private func run() {
    var watch = StallWatch(now: .now)
    while let client = state.withLock({ $0.end == nil ? $0.client : nil }) {
      if let event = client.poll(milliseconds: Limits.pollMilliseconds) {
        handle(event, of: client, &watch)
      }
      if let stall = watch.stall(outstanding: client.outstanding, now: .now) {
        end(lastError ?? ChannelError(.unavailable, "\(address.description): \(stall)"))
      }
    }
    // Sessions hold the client, too, so end them first, and it is freed here.
    let (client, sessions, error) = state.withLock { state in
      defer { (state.client, state.sessions) = (nil, [:]) }
      return (state.client, Array(state.sessions.values), state.end ?? .closed)
    }
    for session in sessions { session.end(error) }
    withExtendedLifetime(client) {}
  }

  private func handle(_ event: KafkaEvent, of client: KafkaClient, _ watch: inout StallWatch) {
    switch event.type {
    case RD_KAFKA_EVENT_DR: if takeReports(event) { watch.progressed(now: .now) }
    case RD_KAFKA_EVENT_LOG: report(event.logLine)
    case RD_KAFKA_EVENT_ERROR:
      let error = ChannelError(
        kafka: event.code, "the connection", at: address, detail: event.text)
      if event.isFatal || event.code == RD_KAFKA_RESP_ERR__FATAL {
        end(ChannelError(.unavailable, error.message))
        drain(client)
      } else if event.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
        watch.lostConnections()
      } else {
        state.withLock { $0.lastError = error }
      }
    default: break
    }
  }

  /// After a refused message, takes the reports, so that its session gets the reason.
  private func drain(_ client: KafkaClient) {
    let deadline = ContinuousClock.now + Limits.drainMax
    while client.outstanding > 0, ContinuousClock.now < deadline {
      guard let event = client.poll(milliseconds: Limits.pollMilliseconds) else { continue }
      switch event.type {
      case RD_KAFKA_EVENT_DR: takeReports(event)
      case RD_KAFKA_EVENT_LOG: report(event.logLine)
      default: break
      }
    }
  }

  /// - Returns: whether any message was delivered.
  @discardableResult
  private func takeReports(_ event: KafkaEvent) -> Bool {
    var reports: [UInt32: [(index: UInt64, code: KafkaCode)]] = [:]
    var isProgress = false
    event.forEachMessage { message in
      let ticket = Ticket(UInt(bitPattern: message.pointee._private))
      let code = message.pointee.err
      if code == RD_KAFKA_RESP_ERR_NO_ERROR { isProgress = true }
      reports[ticket.session, default: []].append((ticket.index, code))
    }
    let sessions = state.withLock { state in
      if isProgress { state.lastError = nil }
      return reports.keys.compactMap { state.sessions[$0] }
    }
    for session in sessions { session.delivered(reports[session.id, default: []]) }
    return isProgress
  }
}

/// Decides when to give up a broker that confirms nothing. A state machine.
struct StallWatch {
  /// The last time when a message was delivered, or none was outstanding.
  private var lastProgress: ContinuousClock.Instant
  /// Whether all connections failed since the last delivery.
  private var isCutOff = false

  init(now: ContinuousClock.Instant) { lastProgress = now }

  mutating func progressed(now: ContinuousClock.Instant) {
    lastProgress = now
    isCutOff = false
  }

  mutating func lostConnections() { isCutOff = true }

  /// - Returns: the reason to give up; nil if there is none.
  mutating func stall(outstanding: Int, now: ContinuousClock.Instant) -> String? {
    if outstanding == 0 { lastProgress = now }
    let limit = isCutOff ? Limits.outageMax : Limits.stallMax
    guard now - lastProgress > limit else { return nil }
    return isCutOff ? "no broker can be reached" : "no message was confirmed for \(limit)"
  }
}
