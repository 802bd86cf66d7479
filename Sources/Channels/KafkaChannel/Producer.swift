import CRdKafka
import EventSourcing
import Synchronization
import Threads

/// A producer of librdkafka, and the thread that takes its delivery reports. Sessions share it.
///
/// It ends with all its sessions when the broker refuses a message, or confirms nothing for long.
/// So a session's messages arrive without gaps up to some point, and the sessions of the next
/// producer repeat what was not confirmed.
final class Producer: Sendable {
  private struct State {
    /// Nil when the producer is over.
    var client: KafkaClient?
    var sessions: [UInt32: ProducerSession] = [:]
    var lastSession: UInt32 = 0
    /// The last that the library said about its connections.
    var lastError: ChannelError?
    var end: ChannelError?
  }

  let address: KafkaAddress
  private let report: @Sendable (String) -> Void
  private let state: Mutex<State>
  private let ended = Milestone()

  /// - Parameters:
  ///   - isGapless: whether a message that the broker refuses ends it. Without, it fails alone.
  ///   - report: hears the library's log.
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

  /// What the library said last about connections that failed, since one was good.
  var lastError: ChannelError? { state.withLock(\.lastError) }

  /// Ends when the producer does.
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

  /// What is not delivered yet may or may not be.
  func end(_ session: ProducerSession) {
    session.end(.closed)
    state.withLock { $0.sessions[session.id] = nil }
  }

  /// Ends all sessions.
  func end() { end(.closed) }

  /// Ends all sessions. Comes back when the library's threads are gone.
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
    // Sessions hold the client, too: they end first, so that it ends here.
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

  /// After a refused message: takes the reports, so that its session learns the reason.
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

  /// - Returns: whether anything was delivered.
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

/// Decides when a broker that confirms nothing is given up. A state machine.
struct StallWatch {
  /// When a message was delivered, or none was outstanding.
  private var lastProgress: ContinuousClock.Instant
  /// All connections failed, and nothing was delivered since.
  private var isCutOff = false

  init(now: ContinuousClock.Instant) { lastProgress = now }

  mutating func progressed(now: ContinuousClock.Instant) {
    lastProgress = now
    isCutOff = false
  }

  mutating func lostConnections() { isCutOff = true }

  /// - Returns: what is wrong; nil while nothing is.
  mutating func stall(outstanding: Int, now: ContinuousClock.Instant) -> String? {
    if outstanding == 0 { lastProgress = now }
    let limit = isCutOff ? Limits.outageMax : Limits.stallMax
    guard now - lastProgress > limit else { return nil }
    return isCutOff ? "no broker can be reached" : "no message was confirmed for \(limit)"
  }
}
