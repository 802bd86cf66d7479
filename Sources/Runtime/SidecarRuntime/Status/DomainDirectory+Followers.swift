import EventModel
import EventSourcing
import SidecarConfiguration

/// The consumers of each domain's log, for status and metrics.
extension DomainDirectory {
  /// Existing domains that are served, and the sagas' own.
  func existing() async throws -> [Name] {
    try await (ownsHistory ? storage.domains() : events.domains()).filter { domain in
      serves(domain) || configuration.ownSagaDomains.contains(domain)
    }
  }

  /// All consumers of a domain's log that this process can know: those of every role by the
  /// settings and the store, or its own where the store is its own.
  func followers(of domain: Name) async throws -> [Follower] {
    var followers: [Follower] = []
    for role in ownsHistory ? Composition.all : roles.types {
      followers += try await role.followers(of: domain, in: self)
    }
    return followers
  }

  /// True if this process's store holds the events, not only a projector's progress.
  var ownsHistory: Bool { configuration.source == .log || roles.needs.contains(.history) }
}
