import EventModel
import Synchronization

/// A storage's domains by name: one object for each, whoever asks.
///
/// So many of those that exist are kept, the ones used last. All others are there only as long as
/// someone has them, so that names to which nobody writes leave nothing behind.
public final class DomainTable<Domain: AnyObject & Sendable>: Sendable {
  private struct Made {
    weak var domain: Domain?
  }

  private struct State {
    var kept: RecentlyUsed<Name, Domain>
    /// All domains, those that are kept too.
    var made: [Name: Made] = [:]
    /// At so many names, those that nobody has any more are forgotten.
    var madeMax = 64

    mutating func note(_ domain: Domain, as name: Name) {
      if made.count >= madeMax {
        made = made.filter { $0.value.domain != nil }
        madeMax = max(64, 2 * made.count)
      }
      made[name] = Made(domain: domain)
    }
  }

  private let state: Mutex<State>

  /// - Parameter keptMax: how many are kept that exist.
  public init(keptMax: Int = .max) { state = Mutex(State(kept: RecentlyUsed(countMax: keptMax))) }

  /// The names of the domains that are kept.
  public var names: [Name] { state.withLock { Array($0.kept.keys) } }

  /// Every domain that is kept, or that someone has.
  public var all: [Domain] { state.withLock { $0.made.values.compactMap(\.domain) } }

  /// The domain, if it is kept; it is the one used last from now on.
  public func existing(_ name: Name) -> Domain? { state.withLock { $0.kept.use(name) } }

  /// The domain that is known under this name, or a new one.
  public func domain(_ name: Name, make: () -> Domain) -> Domain {
    state.withLock { state in
      if let domain = state.kept.use(name) ?? state.made[name]?.domain { return domain }
      let domain = make()
      state.note(domain, as: name)
      return domain
    }
  }

  /// Keeps the domain: it exists. The one that was not used for longest may go for it.
  public func keep(_ domain: Domain, as name: Name) {
    // Given out of the lock: nobody else may have it, and its end takes time.
    _ = state.withLock { state in
      state.note(domain, as: name)
      return state.kept.add(domain, for: name)
    }
  }
}
