import CSQLite
import Contracts
import EventModel
import EventSourcing
import Foundation
import Testing
import Threads

@testable import SQLiteStorage

/// What goes wrong with disks and files: always an error that says what to do, never a false
/// success, and it goes on when the cause is gone.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  @Test func aFullDiskRefusesWritesUntilThereIsSpace() async throws {
    try await withStore { store, _ in
      _ = try await store.append(.sample(.random()))
      // SQLite's own limit fails as the file system would, with the same code at the same places.
      try await store.setPageLimit(1)
      let stored = try await store.wholeLog()
      await expectFailure(.unavailable, saying: ["disk is full", "orders.db"]) {
        for _ in 0..<50 { _ = try await store.append(.sample(.random(), bodySize: 4000)) }
      }
      await expectFailure(.unavailable, saying: ["disk is full"]) {
        _ = try await store.save(.sample(value: Bytes(repeating: 1, count: 100_000)), after: 0)
      }
      let accepted = try await store.wholeLog()
      #expect(accepted.starts(with: stored))
      #expect(try await store.head(ofPartition: 0).number == UInt64(accepted.count))

      try await store.setPageLimit(1_000_000)
      let outcome = try await store.append(.sample(.random(), bodySize: 4000))
      #expect(outcome == .appended(Position(number: UInt64(accepted.count) + 1)))
    }
  }

  @Test func aWriteThatTheDiskHasNoRoomForFailsAlone() async throws {
    try await withStore { store, _ in
      _ = try await store.append(.sample(.random()))
      try await store.setPageLimit(1)
      let outcomes = try await store.whileWriterIsHeld(untilWaiting: 3) {
        await withTaskGroup(of: Bool.self) { group in
          for size in [10, 100_000, 10] {
            group.addTask {
              do {
                _ = try await store.append(.sample(.random(), bodySize: size))
                return true
              } catch {
                return false
              }
            }
          }
          return await group.reduce(into: [Bool]()) { $0.append($1) }
        }
      }
      #expect(outcomes.sorted { !$0 && $1 } == [false, true, true])
      #expect(try await store.wholeLog().map(\.position.number) == [1, 2, 3])
    }
  }

  @Test func aWriteThatMeetsDamageFailsAlone() async throws {
    try await withStore { store, _ in
      let damaged = Commit.sample(.random(), commandID: "c")
      _ = try await store.append(damaged)
      let tampering = Tampering.bySecondConnection
      try await tampering.damage(store, .cut, damaged.cover.root, 0)
      try await store.whileWriterIsHeld(untilWaiting: 9) {
        try await withThrowingTaskGroup { group in
          group.addTask {
            await expectFailure(.corrupt, saying: ["event 0 of \(damaged.cover)"]) {
              _ = try await store.append(.sample(damaged.cover.root, at: 1, commandID: "c"))
            }
          }
          for _ in 0..<8 { group.addTask { _ = try await store.append(.sample(.random())) } }
          try await group.waitForAll()
        }
      }
      #expect(try await store.head(ofPartition: 0) == Position(number: 9))
    }
  }

  @Test func aFileThatIsGoneIsNotWrittenOn() async throws {
    try await withStore { store, directory in
      _ = try await store.append(.sample(.random()))
      try FileManager.default.removeItem(atPath: store.path)
      for _ in 0..<2 {
        await expectFailure(.unavailable, saying: ["orders.db", "deleted"]) {
          _ = try await store.append(.sample(.random()))
        }
      }
      #expect(!FileManager.default.fileExists(atPath: store.path))
    }
  }

  @Test func aDirectoryThatCannotBeCreatedIsNamed() async {
    await expectFailure(.unavailable, saying: ["/proc/outrider", "cannot be created"]) {
      _ = try SQLiteStorage(directory: "/proc/outrider/data")
    }
  }

  @Test func aFileInPlaceOfTheDirectoryIsNamed() async throws {
    try await withTemporaryDirectory { directory in
      let file = "\(directory)/file"
      try Data().write(to: URL(fileURLWithPath: file))
      for path in [file, "\(file)/below"] {
        await expectFailure(.unavailable, saying: ["\(file) is a file"]) {
          _ = try SQLiteStorage(directory: path)
        }
      }
    }
  }

  @Test func callersAreNotToldWhereTheDataLies() async throws {
    try await withTemporaryDirectory { directory in
      try FileManager.default.createDirectory(
        atPath: "\(directory)/orders.db", withIntermediateDirectories: true)
      let storage = try SQLiteStorage(directory: directory)
      var told: [String] = []
      do { _ = try await storage.domain("orders") } catch let error as StorageError {
        told.append(error.message)
      }
      try FileManager.default.removeItem(atPath: directory)
      do { _ = try await storage.domains() } catch let error as StorageError {
        told.append(error.message)
      }
      do {
        _ = try await storage.domain("orders").append(.sample(.random()))
      } catch let error as StorageError {
        told.append(error.message)
      }
      await storage.close()
      do { _ = try await storage.domain("orders") } catch let error as StorageError {
        told.append(error.message)
      }
      #expect(told.count == 4)
      for message in told { #expect(!message.contains(directory)) }
    }
  }

  @Test func onlyTheOwnerMayOpenWhatIsStored() async throws {
    try await withTemporaryDirectory { parent in
      let directory = "\(parent)/data"
      let storage = try SQLiteStorage(directory: directory)
      let store = try await storage.sqliteDomain("orders")
      _ = try await store.append(.sample(.random()))
      let names = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(names.count == 4)  // orders.db, and beside it -wal, -shm and .lock
      for path in [directory] + names.map({ "\(directory)/\($0)" }) {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let mode = try #require(attributes[.posixPermissions] as? Int)
        #expect(mode & 0o077 == 0, "\(path) has mode \(String(mode, radix: 8))")
      }
      await storage.close()
    }
  }

  @Test func directoriesAreCreatedAllTheWay() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: "\(directory)/a/b/c")
      _ = try await storage.domain("orders").append(.sample(.random()))
      await storage.close()
      #expect(FileManager.default.fileExists(atPath: "\(directory)/a/b/c/orders.db"))
    }
  }

  @Test func aDirectoryInPlaceOfTheFileIsNamed() async throws {
    try await withTemporaryDirectory { directory in
      let path = "\(directory)/orders.db"
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let storage = try SQLiteStorage(directory: directory)
      await expectFailure(.unavailable, saying: ["orders.db"]) {
        _ = try await storage.domain("orders")
      }
      await storage.close()
    }
  }
}

extension SQLiteDomain {
  func setPageLimit(_ count: Int) async throws {
    try await write { group throws(SQLiteFailure) in
      try group.connection.execute("PRAGMA max_page_count = \(count)")
    }
  }

  /// Keeps the writer busy until so many of the writes that `body` makes wait. They make one group.
  func whileWriterIsHeld<Outcome>(
    untilWaiting count: Int, _ body: () async throws -> Outcome
  ) async throws -> Outcome {
    let begun = Milestone()
    let holding = Task { [writes = try await file().writes] in
      try await writes.call(path) { _ throws(SQLiteFailure) in
        begun.reach()
        while writes.count < count { sched_yield() }
      }
    }
    await begun.wait()
    let outcome = try await body()
    _ = try await holding.value
    return outcome
  }

  /// Its file, which is created where it is missing.
  func file() async throws -> DomainFile {
    try #require(try await files.file(of: self, creating: true))
  }
}

extension ConsumerRecord {
  static func sample(value: Bytes) -> ConsumerRecord {
    ConsumerRecord(
      subscription: "s", root: .random(), next: 1, value: value, updatedAt: Timestamp(seconds: 1))
  }
}

/// Lends an open domain in a directory of its own.
func withStore(
  _ body: (_ store: SQLiteDomain, _ directory: String) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    let storage = try SQLiteStorage(directory: directory)
    try await body(try await storage.sqliteDomain("orders"), directory)
    await storage.close()
  }
}
