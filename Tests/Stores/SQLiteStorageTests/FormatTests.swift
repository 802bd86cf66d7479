import CSQLite
import Contracts
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
}
