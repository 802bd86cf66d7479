import EventModel
import Synchronization

/// A storage's domains by name. One object per domain. A domain that does not exist yet is held
/// weakly, so unused names cost no memory.
public final class DomainTable<Domain: AnyObject & Sendable>: Sendable {
  private struct Asked {
    weak var domain: Domain?
  }

  private struct State {
    var existing: [Name: Domain] = [:]
    var asked: [Name: Asked] = [:]
    /// The number of names at which unused ones are removed.
    var askedMax = 64
  }

  private let state = Mutex(State())

  public init() {}

  /// The names of the domains known to exist.
  public var names: [Name] { state.withLock { Array($0.existing.keys) } }

  /// Every domain in memory, whether it exists or not.
  public var all: [Domain] {
    state.withLock { $0.existing.values + $0.asked.values.compactMap(\.domain) }
  }

  /// The domain, if it is known to exist.
  public func existing(_ name: Name) -> Domain? { state.withLock { $0.existing[name] } }

  /// The domain with this name, made if needed.
  public func domain(_ name: Name, make: () -> Domain) -> Domain {
    state.withLock { state in
      if let domain = state.existing[name] ?? state.asked[name]?.domain { return domain }
      let domain = make()
      if state.asked.count >= state.askedMax {
        state.asked = state.asked.filter { $0.value.domain != nil }
        state.askedMax = max(64, 2 * state.asked.count)
      }
      state.asked[name] = Asked(domain: domain)
      return domain
    }
  }

  /// Keeps the domain in memory: it exists.
  public func keep(_ domain: Domain, as name: Name) {
    state.withLock { state in
      state.asked[name] = nil
      state.existing[name] = domain
    }
  }
}
