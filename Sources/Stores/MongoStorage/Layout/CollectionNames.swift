import Encodings
import EventModel
import EventSourcing

/// The names of a domain's collections: `commits.bank`, `records.bank`.
///
/// The kind comes first, because MongoDB reserves names that begin with `system.`.
struct CollectionNames: Sendable {
  /// One document for each domain.
  static let domains = "domains"

  /// The log: one document for each commit.
  let commits: String
  /// The counters of positions and revisions, and the settled marks.
  let counters: String
  /// The consumers' records of each aggregate.
  let records: String
  /// The leases and checkpoints of consumers.
  let leases: String
  /// The parked aggregates.
  let parked: String
  /// Work for later.
  let agenda: String

  init(domain: Name) {
    let name = Self.place(of: domain)
    commits = "commits.\(name)"
    counters = "counters.\(name)"
    records = "records.\(name)"
    leases = "leases.\(name)"
    parked = "parked.\(name)"
    agenda = "agenda.\(name)"
  }

  /// The domain's part of its collections' names; short enough for a namespace beside the longest
  /// database and kind.
  static func place(of domain: Name) -> String {
    domain.stored(as: encoded(domain), byteCountMax: Limits.collectionNameBytes)
  }

  /// A name for a collection or a field: percent-encodes all bytes except letters, digits, `-`,
  /// `_` and `/`.
  static func encoded(_ name: Name) -> String { URIEncoding.encode(name.utf8, plain: "-_/") }
}
