import EventModel
import LibCrypto

/// What the collections of a domain are called: `commits.bank`, `records.bank`.
///
/// The kind comes first, since MongoDB keeps names that begin with `system.` for itself.
struct CollectionNames: Sendable {
  /// One document for each domain.
  static let domains = "domains"

  /// The log: one document for each commit.
  let commits: String
  /// The numbers that were given out.
  let counters: String
  /// What consumers made of each aggregate.
  let records: String
  /// Who the active consumers are, and how far they have come.
  let leases: String
  /// The aggregates that consumers refuse.
  let parked: String
  /// What is to be done later.
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

  /// The domain's part of its collections' names. A longer one than a namespace takes beside the
  /// longest database and kind ends in `~`, which no encoded text holds, and the name's digest.
  static func place(of domain: Name) -> String {
    let encoded = encoded(domain.text)
    if encoded.utf8.count <= Limits.collectionNameBytes { return encoded }
    let digest = "~" + LibCrypto.hexSHA256(Array(domain.utf8))
    return encoded.prefix(Limits.collectionNameBytes - digest.utf8.count) + digest
  }

  /// Text that may stand in a collection's name, and in a field's: all bytes but letters, digits,
  /// `-`, `_` and `/` are written as in a URL.
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
