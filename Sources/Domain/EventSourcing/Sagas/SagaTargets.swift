import EventModel
import Names
import Synchronization

/// Which domains take no commands of a saga now, as far as tries of this process tell.
///
/// A command to one of them waits in an agenda, where nothing waits behind it. Few are tried at a
/// time, since each may take all the time that a command has; the first that ends lets all others
/// go again.
public final class SagaTargets: Sendable {
  /// What an operator wants to hear; told once each time.
  public enum Change: Sendable {
    /// The domain takes no commands: they wait, and are sent again and again.
    case waits(Name, reason: String)
    /// It takes commands again.
    case flows(Name)
  }

  typealias Instant = ContinuousClock.Instant

  private struct State {
    /// When a command may be tried without having waited.
    var away: [Name: Instant] = [:]
    var underWay: [Name: Int] = [:]
  }

  /// Commands to one domain that is away.
  private let triesMax = 4
  /// Another process may have got through meanwhile.
  private let pause = Duration.seconds(1)
  private let state = Mutex(State())
  private let observe: @Sendable (Change) -> Void

  /// - Parameter observe: hears of changes; must not block.
  public init(observe: @escaping @Sendable (Change) -> Void = { _ in }) { self.observe = observe }

  /// Forgets what other tries came to: this process has not been at it for a while.
  func forget() { state.withLock { $0.away = [:] } }

  /// Whether the domain took no command at the last try.
  func isAway(_ domain: Name) -> Bool { state.withLock { $0.away[domain] != nil } }

  /// Whether a command may be tried now; `end` says what came of it then.
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

  /// - Parameter error: why the domain took no command; nil: it did.
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
