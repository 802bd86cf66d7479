import EventModel
import Synchronization

/// A storage's domains by name. One object per domain.
///
/// Keeps a bounded number of existing domains, the most recently used. All others are held weakly,
/// so unused names cost no memory.
public final class DomainTable<Domain: AnyObject & Sendable>: Sendable {
  private struct Made {
    weak var domain: Domain?
  }

  private struct State {
    var kept: RecentlyUsed<Name, Domain>
    /// All domains in memory, including those kept.
    var made: [Name: Made] = [:]
    /// The number of names at which unused ones are removed.
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

  /// Every domain in memory, kept or in use.
  public var all: [Domain] { state.withLock { $0.made.values.compactMap(\.domain) } }

  /// The domain, if it is kept; it is the one used last from now on.
  public func existing(_ name: Name) -> Domain? { state.withLock { $0.kept.use(name) } }

  /// The domain with this name, made if needed.
  public func domain(_ name: Name, make: () -> Domain) -> Domain {
    state.withLock { state in
      if let domain = state.kept.use(name) ?? state.made[name]?.domain { return domain }
      let domain = make()
      state.note(domain, as: name)
      return domain
    }
  }

  /// Keeps an existing domain in memory. Lets go of the least recently used one if there are too
  /// many.
  public func keep(_ domain: Domain, as name: Name) {
    // Given out of the lock: nobody else may have it, and its end takes time.
    _ = state.withLock { state in
      state.note(domain, as: name)
      return state.kept.add(domain, for: name)
    }
  }
}
