import Contracts
import EventModel
import Testing

@testable import SQLiteStorage

@Suite(.timeLimit(.minutes(5))) struct ManyParkedTests {
  @Test func aHundredThousandParkedAggregatesHoldUpNobody() async throws {
    let parked = ManyParked(count: 100_000)
    try await withStore { store, _ in
      try await store.write { group throws(SQLiteFailure) in
        try group.connection.execute(
          """
          WITH RECURSIVE numbers (number) AS (
            SELECT 0 UNION ALL SELECT number + 1 FROM numbers
            WHERE number < \(parked.count - 1))
          INSERT INTO parked (subscription, root, first_sequence, reason, status_code, tries,
            parked_seconds, parked_nanos)
          SELECT '\(ManyParked.subscription)', CAST(printf('%016d', number) AS BLOB), 0,
            'no account', 9, 8, 1700000000, 0
          FROM numbers
          """)
      }
      try await parked.check(store)
    }
  }
}
