import EventModel
import LibCrypto

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

  /// The domain's part of its collections' names. A name too long for a namespace beside the
  /// longest database and kind is cut, and ends in `~` and its digest; encoded text holds no `~`.
  static func place(of domain: Name) -> String {
    let encoded = encoded(domain.text)
    if encoded.utf8.count <= Limits.collectionNameBytes { return encoded }
    let digest = "~" + LibCrypto.hexSHA256(Array(domain.utf8))
    return encoded.prefix(Limits.collectionNameBytes - digest.utf8.count) + digest
  }

  /// Text for the name of a collection or a field: percent-encodes all bytes except letters,
  /// digits, `-`, `_` and `/`.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "/"):
        encoded.append(byte)
      default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}
