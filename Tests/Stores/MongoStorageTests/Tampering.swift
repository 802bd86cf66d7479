import Contracts
import EventModel

@testable import MongoStorage

extension Tampering {
  /// Changes the database behind the store's back, as any MongoDB tool could.
  static func byDriver(_ uri: String) -> Tampering {
    Tampering(
      reserve: { store, count in
        guard let domain = store as? MongoDomain else { return }
        _ = try RawClient(uri).withClient { try domain.layout.positions(of: 0, $0).reserve(count) }
      },
      damage: { _, fault, root, first in
        try RawClient(uri).withClient { client in
          let commits = client.collection("commits.orders")
          let key: BSONDocument = ["_id": CommitKey.commit(root, first)]
          if fault == .missing { return try commits.delete(key) }
          guard let document = try commits.first(key) else {
            preconditionFailure("a test damages a commit that is there")
          }
          _ = try commits.update(key, ["$set": .document(change(document, fault, first))])
        }
      },
      setPages: { _, root, first, pages in
        _ = try RawClient(uri).withClient { client in
          try client.collection("commits.orders").update(
            ["_id": CommitKey.commit(root, first)], ["$set": ["pages": .binary(pages)]])
        }
      })
  }

  private static func change(
    _ document: BSONDocument, _ fault: Fault, _ first: SequenceNumber
  ) -> BSONDocument {
    var pages = document["pages"]?.bytes ?? []
    switch fault {
    case .missing: return [:]
    case .cut: return ["pages": .binary(Bytes(pages.dropLast(3)))]
    case .flipped:
      pages[1] ^= 0x80
      return ["pages": .binary(pages)]
    case .overlapping: return ["first": .int64(Int64(first.rawValue) - 1)]
    case .ahead: return ["snapshot.sequence": 1000]
    }
  }
}
