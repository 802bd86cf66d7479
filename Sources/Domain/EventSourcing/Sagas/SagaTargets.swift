import EventModel
import Names
import Synchronization

/// A circuit breaker for each domain that a saga commands, from the tries of this process.
///
/// A command to an unavailable domain waits in an agenda, and blocks no others. Only a few are
/// tried at a time, since each may use up its whole timeout; the first success lets all others
/// go.
public final class SagaTargets: Sendable {
  /// A change that concerns an operator; reported once.
  public enum Change: Sendable {
    /// The domain takes no commands; they wait and are retried.
    case waits(Name, reason: String)
    /// The domain takes commands again.
    case flows(Name)
  }

  typealias Instant = ContinuousClock.Instant

  private struct State {
    /// The earliest time to try a command to an unavailable domain that was not in an agenda.
    var away: [Name: Instant] = [:]
    var underWay: [Name: Int] = [:]
  }

  /// Concurrent tries of commands to an unavailable domain.
  private let triesMax = 4
  /// After this pause a new command is tried: another process may have succeeded.
  private let pause = Duration.seconds(1)
  private let state = Mutex(State())
  private let observe: @Sendable (Change) -> Void

  /// - Parameter observe: gets changes; must not block.
  public init(observe: @escaping @Sendable (Change) -> Void = { _ in }) { self.observe = observe }

  /// Forgets earlier results: this process has not been active for a while.
  func forget() { state.withLock { $0.away = [:] } }

  /// Whether the last try to the domain failed.
  func isAway(_ domain: Name) -> Bool { state.withLock { $0.away[domain] != nil } }

  /// Whether a command may be tried now; then report the result with `end`.
  ///
  /// - Parameter waited: whether it was in an agenda.
  func begin(_ domain: Name, waited: Bool, at now: Instant) -> Bool {
    state.withLock { state in
      let count = state.underWay[domain] ?? 0
      if let next = state.away[domain], count >= triesMax || !waited && now < next { return false }
      state.underWay[domain] = count + 1
      return true
    }
  }

  /// - Parameter error: why the domain took no command; nil on success.
  func end(_ domain: Name, _ error: LogicError?, at now: Instant) {
    let wasAway = state.withLock { state in
      let count = (state.underWay[domain] ?? 1) - 1
      state.underWay[domain] = count == 0 ? nil : count
      let wasAway = state.away[domain] != nil
      state.away[domain] = error == nil ? nil : now + pause
      return wasAway
    }
    if let error, !wasAway { observe(.waits(domain, reason: ErrorStatus(error).message)) }
    if error == nil, wasAway { observe(.flows(domain)) }
  }
}
