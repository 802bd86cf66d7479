import EventModel
import EventSourcing
import RPC
import Wire

/// Looks up what led to a command, so that everything which one request sets off shares one
/// correlation.
public struct Causes: Sendable {
  private let domains: QueriedDomains

  /// - Parameter storage: where the events lie that may be causes.
  public init(in storage: any Storage) {
    domains = QueriedDomains(storage: storage, served: nil)
  }

  /// The origin with the correlation that it inherits where it has none of its own: that of the
  /// event that is its cause, else the id of the command that is. Without a cause it stays as it
  /// is.
  func inherited(by origin: Origin) async throws -> Origin {
    guard origin.correlation.isEmpty, let cause = try Evented.Cause(in: origin) else {
      return origin
    }
    var origin = origin
    origin.correlation = try await correlation(of: cause) ?? cause.commandID ?? ""
    return origin
  }

  /// Nil where the event is not here, or where the call may not read it.
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
