import CSQLite
import Contracts
import EventModel
import EventSourcing
import Foundation
import Testing

@testable import SQLiteStorage

/// Files that this version of Outrider did not write.
@Suite(.timeLimit(.minutes(5))) struct FormatTests {
  @Test func aNewerFormatIsRefused() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      let storage = try SQLiteStorage(directory: directory)
      _ = try await storage.domain("orders").append(.sample(.random()))
      await storage.close()
      try Connection(path, for: .writing).execute("PRAGMA user_version = 99")
      await expectUnusable(directory, "format 99", "version that wrote it")
    }
  }

  @Test func aNewerFormatIsRefusedWithTheVersionThatWroteIt() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory, version: "1.4.0")
      _ = try await storage.domain("orders").append(.sample(.random()))
      await storage.close()
      try Connection("\(directory)/orders.db", for: .writing).execute(
        "PRAGMA user_version = 99; INSERT INTO upgrades VALUES (99, '2.0.0')")
      await expectUnusable(
        directory, "orders.db", "written by Outrider 2.0.0, format 99;", "knows format 3:",
        "use 2.0.0 or newer")
    }
  }

  @Test func theVersionThatGaveAFileItsFormatIsKept() async throws {
    try await withTemporaryDirectory { directory in
      try await writeFormatOne([], in: directory)
      for version in ["1.4.0", "1.5.0"] {
        let storage = try SQLiteStorage(directory: directory, version: version)
        _ = try await storage.domain("orders").append(.sample(.random()))
        await storage.close()
      }
      let connection = try Connection("\(directory)/orders.db", for: .reading)
      let query = try connection.statement("SELECT format, version FROM upgrades")
      defer { query.reset() }
      #expect(try query.step())
      #expect((query.integer(0), query.text(1)) == (3, "1.4.0"))
      #expect(try !query.step())
    }
  }

  @Test func aFileOfFormatOneIsUpgradedWithAllThatItHolds() async throws {
    try await withTemporaryDirectory { directory in
      let commits = (0..<3).map { _ in Commit.sample(.random(), commandID: "c") }
      try await writeFormatOne(commits, in: directory)
      let storage = try SQLiteStorage(directory: directory)
      let store = try await storage.domain("orders")
      #expect(try await store.wholeLog().map(\.commit) == commits)
      let entry = AgendaEntry(
        agenda: "a", key: AgendaKey(root: .random(), sequence: 1), due: Timestamp(seconds: 5))
      try await store.enter([entry])
      #expect(try await store.append(.sample(.random())) == .appended(Position(number: 4)))
      await storage.close()

      let again = try SQLiteStorage(directory: directory)
      let reopened = try await again.domain("orders")
      #expect(try await reopened.wholeLog().count == 4)
      #expect(try await reopened.entries(of: "a", dueBy: nil, limit: 9) == [entry])
      #expect(
        try await reopened.commit(of: commits[1].cover.root, commandID: "c")?.commit == commits[1])
      await again.close()
      #expect(try userVersion(in: directory) == 3)
    }
  }

  @Test func aFileOfFormatTwoIsUpgradedWithAllThatItHolds() async throws {
    try await withTemporaryDirectory { directory in
      let commit = Commit.sample(.random(), commandID: "c")
      let entry = AgendaEntry(
        agenda: "a", key: AgendaKey(root: .random(), sequence: 1), due: Timestamp(seconds: 5))
      try await writeFormatTwo([commit], entry, in: directory)
      for _ in 0..<2 {
        let storage = try SQLiteStorage(directory: directory)
        let store = try await storage.domain("orders")
        #expect(try await store.wholeLog().map(\.commit) == [commit])
        #expect(try await store.entries(of: "a", dueBy: nil, limit: 9) == [entry])
        let root = commit.cover.root
        #expect(try await store.bar("d", of: root, as: .expired) == .barred(.expired))
        #expect(
          try await store.append(.sample(root, at: 1, commandID: "d")) == .barred(.expired))
        await storage.close()
        #expect(try userVersion(in: directory) == 3)
      }
    }
  }

  @Test func anUpgradeThatFailsChangesNothing() async throws {
    try await withTemporaryDirectory { directory in
      let commit = Commit.sample(.random())
      try await writeFormatOne([commit], in: directory)
      // The last that the upgrade makes is there already.
      try Connection("\(directory)/orders.db", for: .writing).execute(
        "CREATE TABLE agenda_by_due (mine)")
      let storage = try SQLiteStorage(directory: directory)
      await #expect(throws: StorageError.self) { _ = try await storage.domain("orders") }
      await storage.close()
      #expect(try userVersion(in: directory) == 1)
      try Connection("\(directory)/orders.db", for: .writing).execute("DROP TABLE agenda_by_due")
      let again = try SQLiteStorage(directory: directory)
      #expect(try await again.domain("orders").wholeLog().map(\.commit) == [commit])
      await again.close()
    }
  }

  @Test func aProcessOfFormatOneThatHasTheFileOpenGoesOnWriting() async throws {
    try await withTemporaryDirectory { directory in
      try await writeFormatOne([], in: directory)
      let old = try Connection("\(directory)/orders.db", for: .writing)
      try insert(.sample(.random()), at: 1, in: old)
      let storage = try SQLiteStorage(directory: directory)
      _ = try await storage.domain("orders").append(.sample(.random()))
      try insert(.sample(.random()), at: 3, in: old)
      _ = try await storage.domain("orders").append(.sample(.random()))
      #expect(try await storage.domain("orders").wholeLog().count == 4)
      await storage.close()
    }
  }

  @Test func anotherProgramsDatabaseIsRefusedAndLeftAsItIs() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      try Connection(path, for: .creating).execute("CREATE TABLE addresses (name)")
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      await expectUnusable(directory, "another program's")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }
  }

  @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      let letter = Data("Dear reader, this is not a database.\n".utf8)
      try letter.write(to: URL(fileURLWithPath: path))
      await expectUnusable(directory, "orders.db")
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == letter)
    }
  }

  @Test func aDamagedFileIsReported() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      let storage = try SQLiteStorage(directory: directory)
      let store = try await storage.domain("orders")
      for _ in 0..<50 { _ = try await store.append(.sample(.random(), bodySize: 2000)) }
      await storage.close()

      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      let size = try file.seekToEnd()
      try file.seek(toOffset: size / 2)
      try file.write(contentsOf: Data(repeating: 0x5A, count: Int(size / 2)))
      try file.close()

      let damaged = try SQLiteStorage(directory: directory)
      await expectFailure(.corrupt, saying: ["orders.db", "damaged"]) {
        _ = try await damaged.domain("orders").wholeLog()
      }
      await damaged.close()
    }
  }

  @Test func aFileWithAnotherDomainsNameIsRefused() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory)
      _ = try await storage.domain("orders").append(.sample(.random()))
      await storage.close()
      try FileManager.default.moveItem(
        atPath: "\(directory)/orders.db", toPath: "\(directory)/bills.db")
      let moved = try SQLiteStorage(directory: directory)
      await expectFailure(.incompatible, saying: ["holds the domain orders, not bills"]) {
        _ = try await moved.domain("bills")
      }
      await moved.close()
    }
  }

  @Test func filesThatNoDomainHasAreNotListed() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory)
      _ = try await storage.domain("orders").append(.sample(.random()))
      let strange = ["%6Frders.db", "a%2.db", "a b.db", "~.db", "x~1.db", "notes.txt"]
      for name in strange {
        try Data("?".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
      }
      #expect(try await storage.domains() == ["orders"])
      await storage.close()
    }
  }

  private func expectUnusable(_ directory: String, _ words: String...) async {
    await expectFailure(.incompatible, saying: words) {
      let storage = try SQLiteStorage(directory: directory)
      _ = try await storage.domain("orders")
    }
  }

  // MARK: Formats 1 and 2

  /// A file as the version wrote it that knew format 2.
  private func writeFormatTwo(
    _ commits: [Commit], _ entry: AgendaEntry, in directory: String
  ) async throws {
    try await writeFormatOne(commits, in: directory)
    let connection = try Connection("\(directory)/orders.db", for: .writing)
    try connection.execute(
      """
      CREATE TABLE agenda (
        name TEXT NOT NULL, root BLOB NOT NULL, sequence INTEGER NOT NULL, place INTEGER NOT NULL,
        due_seconds INTEGER NOT NULL, due_nanos INTEGER NOT NULL, tries INTEGER NOT NULL,
        PRIMARY KEY (name, root, sequence, place)) WITHOUT ROWID;
      CREATE INDEX agenda_by_due ON agenda
        (name, due_seconds, due_nanos, root, sequence, place);
      CREATE TABLE causes (
        cause BLOB NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (cause, position)) WITHOUT ROWID;
      PRAGMA user_version = 2;
      """)
    let insertion = try connection.statement(
      """
      INSERT INTO agenda (name, root, sequence, place, due_seconds, due_nanos, tries)
      VALUES (?, ?, ?, 0, ?, ?, 0)
      """)
    try insertion.bind(1, entry.agenda)
    try insertion.bind(2, entry.key.root)
    try insertion.bind(3, entry.key.sequence)
    try insertion.bind(4, entry.due)
    try insertion.run()
  }

  /// A file as the version wrote it that knew format 1 alone.
  private func writeFormatOne(_ commits: [Commit], in directory: String) async throws {
    let connection = try Connection("\(directory)/orders.db", for: .creating)
    try connection.execute(
      """
      PRAGMA journal_mode = WAL;
      CREATE TABLE commits (
        position INTEGER PRIMARY KEY, root BLOB NOT NULL, first_sequence INTEGER NOT NULL,
        next_sequence INTEGER NOT NULL, snapshot_sequence INTEGER, commit_id BLOB NOT NULL,
        command_id TEXT, correlation TEXT, created_seconds INTEGER NOT NULL,
        created_nanos INTEGER NOT NULL, annotations BLOB, pages BLOB NOT NULL, snapshot BLOB);
      CREATE UNIQUE INDEX streams ON commits (root, next_sequence);
      CREATE UNIQUE INDEX commands ON commits (root, command_id) WHERE command_id IS NOT NULL;
      CREATE INDEX snapshots ON commits (root, next_sequence) WHERE snapshot_sequence IS NOT NULL;
      CREATE TABLE checkpoints (
        subscription TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
        PRIMARY KEY (subscription, partition)) WITHOUT ROWID;
      CREATE TABLE records (
        revision INTEGER PRIMARY KEY, subscription TEXT NOT NULL, root BLOB NOT NULL,
        next_sequence INTEGER NOT NULL, updated_seconds INTEGER NOT NULL,
        updated_nanos INTEGER NOT NULL, value BLOB);
      CREATE UNIQUE INDEX records_by_root ON records (subscription, root);
      CREATE INDEX records_by_revision ON records (subscription, revision);
      CREATE TABLE parked (
        subscription TEXT NOT NULL, root BLOB NOT NULL, first_sequence INTEGER NOT NULL,
        reason TEXT NOT NULL, status_code INTEGER NOT NULL, tries INTEGER NOT NULL,
        parked_seconds INTEGER NOT NULL, parked_nanos INTEGER NOT NULL,
        PRIMARY KEY (subscription, root)) WITHOUT ROWID;
      CREATE TABLE leases (
        name TEXT PRIMARY KEY, owner TEXT, token INTEGER NOT NULL,
        expires_seconds INTEGER NOT NULL, expires_nanos INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE domain (name TEXT NOT NULL);
      INSERT INTO domain (name) VALUES ('orders');
      PRAGMA application_id = 0x4F757472;
      PRAGMA user_version = 1;
      """)
    for (index, commit) in commits.enumerated() {
      try insert(commit, at: UInt64(index) + 1, in: connection)
    }
  }

  private func insert(_ commit: Commit, at position: UInt64, in connection: Connection) throws {
    let insertion = try connection.statement(
      """
      INSERT INTO commits (position, root, first_sequence, next_sequence, commit_id, command_id,
        created_seconds, created_nanos, pages)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    try insertion.bind(1, position)
    try insertion.bind(2, commit.cover.root)
    try insertion.bind(3, commit.pages.first)
    try insertion.bind(4, commit.pages.next)
    try insertion.bind(5, commit.id)
    if let id = commit.commandID { try insertion.bind(6, id) }
    try insertion.bind(7, commit.createdAt)
    try insertion.bind(9, commit.pages.bytes)
    try insertion.run()
  }

  private func userVersion(in directory: String) throws -> Int64 {
    let connection = try Connection("\(directory)/orders.db", for: .reading)
    let query = try connection.statement("PRAGMA user_version")
    defer { query.reset() }
    return try query.step() ? query.integer(0) : 0
  }
}
