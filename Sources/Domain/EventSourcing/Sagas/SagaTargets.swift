import EventModel
import Names
import Synchronization

/// Which domains take no commands of a saga for now; tells of changes, and of no more.
public final class SagaTargets: Sendable {
  /// What an operator wants to hear.
  public enum Change: Sendable {
    /// The domain takes no commands: they wait, and are sent again and again.
    case waits(Name, reason: String)
    /// It takes commands again.
    case flows(Name)
  }

  private let waiting = Mutex<[Name: String]>([:])
  private let observe: @Sendable (Change) -> Void

  /// - Parameter observe: hears of changes; must not block.
  public init(observe: @escaping @Sendable (Change) -> Void = { _ in }) { self.observe = observe }

  /// The domains that take none, each with the reason.
  public var reasons: [Name: String] { waiting.withLock { $0 } }

  /// Whether the domain took no command at the last try.
  func isWaiting(_ domain: Name) -> Bool { waiting.withLock { $0[domain] != nil } }

  func note(_ domain: Name, _ error: LogicError?) {
    let reason = error.map { ErrorStatus($0).message }
    let previous = waiting.withLock { waiting -> String? in
      if reason == nil, waiting.isEmpty { return nil }
      let previous = waiting[domain]
      waiting[domain] = reason
      return previous
    }
    switch (previous, reason) {
    case (nil, let reason?): observe(.waits(domain, reason: reason))
    case (_?, nil): observe(.flows(domain))
    default: break
    }
  }
}
