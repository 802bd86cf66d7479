import EventModel
import Synchronization

/// A storage's domains by name: one object for each, whoever asks.
///
/// A domain that exists is kept for good. Until then it is kept only as long as someone has it, so
/// that names to which nobody writes leave nothing behind.
public final class DomainTable<Domain: AnyObject & Sendable>: Sendable {
  private struct Asked {
    weak var domain: Domain?
  }

  private struct State {
    var existing: [Name: Domain] = [:]
    var asked: [Name: Asked] = [:]
    /// At so many names, those that nobody has any more are forgotten.
    var askedMax = 64
  }

  private let state = Mutex(State())

  public init() {}

  /// The names of the domains that are known to exist.
  public var names: [Name] { state.withLock { Array($0.existing.keys) } }

  /// Every domain that is kept, for good or for now.
  public var all: [Domain] {
    state.withLock { $0.existing.values + $0.asked.values.compactMap(\.domain) }
  }

  /// The domain, if it is known to exist.
  public func existing(_ name: Name) -> Domain? { state.withLock { $0.existing[name] } }

  /// The domain that is kept under this name, or a new one.
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

  /// Keeps the domain for good: it exists.
  public func keep(_ domain: Domain, as name: Name) {
    state.withLock { state in
      state.asked[name] = nil
      state.existing[name] = domain
    }
  }
}
