import EventModel
import Synchronization

/// Which domains take no commands now, as far as tries of this process tell.
///
/// A command to one of them waits in the agenda, where nothing waits behind it. Few are tried at a
/// time, since each may take all the time that a command has; the first that ends lets all others
/// go again.
final class AwayDomains: Sendable {
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

  /// Whether a command may be tried now; `end` says what came of it then.
  ///
  /// - Parameter waited: whether it was in the agenda.
  func begin(_ domain: Name, waited: Bool, at now: Instant) -> Bool {
    state.withLock { state in
      let count = state.underWay[domain] ?? 0
      if let next = state.away[domain], count >= triesMax || !waited && now < next { return false }
      state.underWay[domain] = count + 1
      return true
    }
  }

  func end(_ domain: Name, isAway: Bool, at now: Instant) {
    state.withLock { state in
      let count = (state.underWay[domain] ?? 1) - 1
      state.underWay[domain] = count == 0 ? nil : count
      state.away[domain] = isAway ? now + pause : nil
    }
  }
}
