import Contracts
import EventModel

@testable import SQLiteStorage

extension Tampering {
  /// Changes the file behind the store's back, as any SQLite tool could.
  static let bySecondConnection = Tampering(
    damage: { store, fault, root, first in
      try change(store, sql(fault), root, first)
    },
    setPages: { store, root, first, pages in
      let sql: StaticString =
        "UPDATE commits SET pages = ?3 WHERE root = ?1 AND first_sequence = ?2"
      try change(store, sql, root, first, pages)
    })

  private static func sql(_ fault: Fault) -> StaticString {
    switch fault {
    case .missing: "DELETE FROM commits WHERE root = ?1 AND first_sequence = ?2"
    case .cut:
      """
      UPDATE commits SET pages = substr(pages, 1, length(pages) - 3)
      WHERE root = ?1 AND first_sequence = ?2
      """
    case .flipped:
      """
      UPDATE commits SET pages = CAST(substr(pages, 1, 1) || x'FF' || substr(pages, 3) AS BLOB)
      WHERE root = ?1 AND first_sequence = ?2
      """
    case .overlapping:
      """
      UPDATE commits SET first_sequence = first_sequence - 1
      WHERE root = ?1 AND first_sequence = ?2
      """
    case .ahead:
      "UPDATE commits SET snapshot_sequence = 1000 WHERE root = ?1 AND first_sequence = ?2"
    }
  }

  private static func change(
    _ store: Any, _ sql: StaticString, _ root: Root, _ first: SequenceNumber, _ pages: Bytes? = nil
  ) throws {
    guard let store = store as? SQLiteDomain else { preconditionFailure("it is a SQLite store") }
    let connection = try Connection(store.path, for: .writing)
    let statement = try connection.statement(sql)
    try statement.bind(1, root)
    try statement.bind(2, first)
    if let pages { try statement.bind(3, pages) }
    try statement.run()
    precondition(connection.changes == 1, "a test damages one commit")
  }
}
