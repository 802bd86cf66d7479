import Contracts
import EventModel
import EventSourcing
import Foundation
import Testing

@testable import SQLiteStorage

/// Threads and files are bounded, however many domains there are and whatever strangers ask for.
@Suite(.timeLimit(.minutes(5))) struct OpenFilesTests {
  /// In a process of its own, whose threads are no other test's.
  @Test func namesThatAreAskedForLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      try await withTemporaryDirectory { directory in
        let storage = try SQLiteStorage(directory: directory)
        let threads = try threadCount()
        for number in 0..<10_000 {
          let store = try await storage.domain("name-\(number)")
          #expect(try await store.next(of: .random()) == 0)
          if number % 1000 == 0 { try await expectEmpty(store) }
        }
        #expect(try threadCount() < threads + 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        #expect(storage.files.count == 0)
        await storage.close()
      }
    }
  }

  @Test func manyDomainsShareFewFiles() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory, openFilesMax: 4)
      let names = (0..<40).map { Name("domain-\($0)") }
      for round in 0..<2 {
        try await withThrowingTaskGroup { group in
          for name in names {
            group.addTask { try await append(in: storage.domain(name)) }
          }
          try await group.waitForAll()
        }
        for name in names {
          #expect(try await storage.domain(name).wholeLog().count == round + 1)
        }
        #expect(storage.files.count <= 4)
      }
      #expect(try await storage.domains() == names.sorted())
      await storage.close()
      let files = try FileManager.default.contentsOfDirectory(atPath: directory)
      #expect(files.filter { $0.hasSuffix("-wal") }.isEmpty)
    }
  }

  @Test func whoWaitsForADomainThatIsNotThereIsWokenByItsFirstEvent() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory, openFilesMax: 1)
      let store = try await storage.domain("orders")
      let waiting = Task {
        while try await store.head(ofPartition: 0).number == 0 {
          await store.waitForLog(after: Position(number: 0))
        }
      }
      _ = try await storage.domain("orders").append(.sample(.random()))
      try await waiting.value
      #expect(try await store.head(ofPartition: 0).number == 1)
      await storage.close()
    }
  }

  @Test func longNameThatCannotBeReadIsLeftOutOfTheList() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: directory)
      let long = Name(String(repeating: "x", count: 250))
      for name in [long, "orders"] { try await append(in: storage.domain(name)) }
      #expect(try await storage.domains() == ["orders", long])
      await storage.close()
      let file = try #require(
        try FileManager.default.contentsOfDirectory(atPath: directory).first {
          $0.contains("~") && $0.hasSuffix(".db")
        })
      try Data("?".utf8).write(to: URL(fileURLWithPath: "\(directory)/\(file)"))
      let damaged = try SQLiteStorage(directory: directory)
      #expect(try await damaged.domains() == ["orders"])
      await damaged.close()
    }
  }

  /// An event of a new aggregate.
  private func append(in store: any DomainStore) async throws {
    var commit = Commit.sample(.random())
    commit.cover = Cover(domain: store.domain, root: commit.cover.root)
    _ = try await store.append(commit)
  }
}

private func expectEmpty(_ store: any DomainStore) async throws {
  #expect(try await store.wholeLog().isEmpty)
  #expect(try await store.head(ofPartition: 0) == Position(number: 0))
  #expect(try await store.roots(after: nil, limit: 1).isEmpty)
  #expect(try await store.load(.random()).next == 0)
  #expect(try await store.changes(of: "s", after: 0, limit: ReadLimit(count: 1)).isEmpty)
  #expect(try await store.checkpoint(of: "s", partition: 0).number == 0)
  #expect(try await store.parked(by: "p", after: nil, limit: 9).isEmpty)
}

private func threadCount() throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}
