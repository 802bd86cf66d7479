import EventModel
import Synchronization

/// Creates a domain's record and its indexes before the first write.
final class DomainExistence: Sendable {
  private let layout: DomainLayout
  private let version: String?
  private let now: @Sendable () -> Timestamp
  private let isKnown = Atomic(false)

  /// - Parameter version: of Outrider, kept with the format of a new domain.
  init(
    of layout: DomainLayout, by version: String?, now: @escaping @Sendable () -> Timestamp
  ) {
    self.layout = layout
    self.version = version
    self.now = now
  }

  var isCertain: Bool { isKnown.load(ordering: .acquiring) }

  /// Notes that they exist.
  func note() { isKnown.store(true, ordering: .releasing) }

  /// Creates missing parts. Precedes every write that may be the domain's first.
  func ensure(_ client: Client) throws(MongoFailure) {
    if isCertain { return }
    try layout.create(at: now(), by: version, client)
    note()
  }
}
