import CSQLite
import EventModel
import Glibc

/// SQLite alone, one thread, the same rows in groups of that size: what the adapter could reach.
struct RawSQLite {
  private let rowsInGroup: Int
  private let duration: Duration

  init(rowsInGroup: Int, for duration: Duration) {
    self.rowsInGroup = rowsInGroup
    self.duration = duration
  }

  func measure(in directory: String) throws {
    mkdir(directory, 0o777)
    var connection: OpaquePointer?
    sqlite3_open("\(directory)/raw.db", &connection)
    sqlite3_exec(
      connection,
      """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096;
      PRAGMA cache_size = -8192; PRAGMA secure_delete = OFF;
      CREATE TABLE commits (position INTEGER PRIMARY KEY, root BLOB, next INTEGER, id BLOB,
        seconds INTEGER, nanos INTEGER, pages BLOB);
      CREATE UNIQUE INDEX streams ON commits (root, next);
      """, nil, nil, nil)
    var head: OpaquePointer?
    sqlite3_prepare_v2(
      connection, "SELECT next FROM commits WHERE root = ? ORDER BY next DESC LIMIT 1", -1, &head,
      nil)
    var insert: OpaquePointer?
    sqlite3_prepare_v2(
      connection, "INSERT INTO commits VALUES (NULL, ?, 1, ?, ?, ?, ?)", -1, &insert, nil)

    let stopwatch = Stopwatch()
    let end = ContinuousClock.now + duration
    var latencies: [Duration] = []
    while ContinuousClock.now < end {
      let commits = (0..<rowsInGroup).map { _ in Commit.sample() }
      let start = ContinuousClock.now
      sqlite3_exec(connection, "BEGIN IMMEDIATE", nil, nil, nil)
      for commit in commits {
        write(commit, head, insert)
      }
      let code = sqlite3_exec(connection, "COMMIT", nil, nil, nil)
      precondition(code == SQLITE_OK, "SQLite failed with \(code)")
      latencies.append(.now - start)
    }
    stopwatch.report("SQLite alone", rowsInGroup, count: latencies.count * rowsInGroup, latencies)
    sqlite3_finalize(head)
    sqlite3_finalize(insert)
    sqlite3_close(connection)
    remove(directory)
  }

  private func write(_ commit: Commit, _ head: OpaquePointer?, _ insert: OpaquePointer?) {
    let root = commit.cover.root.bytes
    let id = commit.id.bytes
    root.withUnsafeBufferPointer { root in
      sqlite3_bind_blob(head, 1, root.baseAddress, 16, nil)
      sqlite3_step(head)
      sqlite3_reset(head)
      sqlite3_bind_blob(insert, 1, root.baseAddress, 16, nil)
      id.withUnsafeBufferPointer { id in
        sqlite3_bind_blob(insert, 2, id.baseAddress, 16, nil)
        sqlite3_bind_int64(insert, 3, commit.createdAt.seconds)
        sqlite3_bind_int64(insert, 4, Int64(commit.createdAt.nanoseconds))
        commit.pages.bytes.withUnsafeBufferPointer { pages in
          sqlite3_bind_blob(insert, 5, pages.baseAddress, Int32(pages.count), nil)
          sqlite3_step(insert)
          sqlite3_reset(insert)
        }
      }
    }
  }
}
