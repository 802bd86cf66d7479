import EventModel
import EventSourcing
import RPC
import Wire

/// Looks up the cause of a command, so that all effects of one request share a correlation.
public struct Causes: Sendable {
  private let domains: QueriedDomains

  /// - Parameter storage: holds the events that may be causes.
  public init(in storage: any Storage) {
    domains = QueriedDomains(storage: storage, served: nil)
  }

  /// Fills in a missing correlation: the correlation of the causing event, else the id of the
  /// causing command. Unchanged without a cause.
  func inherited(by origin: Origin) async throws -> Origin {
    guard origin.correlation.isEmpty, let cause = try Evented.Cause(in: origin) else {
      return origin
    }
    var origin = origin
    origin.correlation = try await correlation(of: cause) ?? cause.commandID ?? ""
    return origin
  }

  /// Nil if the event is not in this store, or if the call may not read it.
  private func correlation(of cause: Evented.Cause) async throws -> String? {
    guard let cover = cause.cover, DomainScope.current.contains(cover.domain) else { return nil }
    guard
      let commit = try await domains.store(of: cover.domain).commits(
        of: cover.root, from: cause.sequence, limit: ReadLimit(count: 1)
      ).first?.commit,
      commit.pages.first <= cause.sequence, cause.sequence < commit.pages.next
    else { return nil }
    return EventBook(commit).origin.correlation
  }
}
