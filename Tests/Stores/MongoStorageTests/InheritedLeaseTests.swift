import EventModel
import EventSourcing
import Files
import Foundation
import Testing

@testable import MongoStorage

/// A process that was killed cannot give its leases back. Those on its machine see that it ended.
@Suite(.timeLimit(.minutes(5))) struct InheritedLeaseTests {
  @Test func theLeaseOfOneThatEndedIsFreeOnItsMachine() async throws {
    try await withMachine { uri, file in
      let killed = SignsOfLife(file: file)
      try await withStores(uri, [killed, SignsOfLife(file: file)]) { stores in
        let first = try await stores[0].take("killed")
        let refused = try await stores[1].take("next")
        killed.close()
        let inherited = try await stores[1].take("next")
        #expect(first?.token == 1)
        #expect(refused == nil)
        #expect(inherited?.token == 2)
        // It stands: who has it now lives.
        let late = try await stores[0].take("late")
        #expect(late == nil)
      }
    }
  }

  @Test func whatTheOneThatEndedStillDoesIsFenced() async throws {
    try await withMachine { uri, file in
      let paused = SignsOfLife(file: file)
      try await withStores(uri, [paused, SignsOfLife(file: file)]) { stores in
        let lost = try #require(try await stores[0].take("paused"))
        paused.close()
        #expect(try await stores[1].take("next") != nil)
        let error = await #expect(throws: StorageError.self) {
          try await stores[0].advance("s", to: Position(number: 1), holding: lost)
        }
        #expect(error?.code == .fenced)
      }
    }
  }

  @Test func ofManyWhoSeeItEndOneTakesTheLease() async throws {
    try await withMachine { uri, file in
      let killed = SignsOfLife(file: file)
      let others = (0..<4).map { _ in SignsOfLife(file: file) }
      try await withStores(uri, [killed] + others) { stores in
        _ = try await stores[0].take("killed")
        killed.close()
        let taken = try await withThrowingTaskGroup { group in
          for (number, store) in stores.dropFirst().enumerated() {
            group.addTask { try await store.take("next \(number)") }
          }
          return try await group.reduce(into: [Lease]()) { $0 += [$1].compactMap(\.self) }
        }
        #expect(taken.map(\.token) == [2])
      }
    }
  }

  @Test func elsewhereTheLeaseHasItsTime() async throws {
    try await withMachine { uri, file in
      let killed = SignsOfLife(file: file)
      try await withStores(uri, [killed, SignsOfLife(file: "\(file)-elsewhere"), nil]) { stores in
        _ = try await stores[0].take("killed")
        killed.close()
        #expect(try await stores[1].take("next") == nil)
        #expect(try await stores[2].take("next") == nil)
      }
    }
  }

  /// An older version takes a lease over and knows nothing of signs.
  @Test func aSignOfAnEarlierHolderCountsForNobodyElse() async throws {
    try await withMachine { uri, file in
      try await withStores(uri, [SignsOfLife(file: file), SignsOfLife(file: file)]) { stores in
        let lease = try #require(try await stores[0].take("signs"))
        try RawClient(uri).run([
          "update": .string(CollectionNames(domain: "orders").leases),
          "updates": .array([
            .document(["q": ["_id": .name(lease.name)], "u": ["$set": ["owner": "older"]]])
          ]),
        ])
        #expect(try await stores[1].take("next") == nil)
      }
    }
  }

  /// With a file that all processes of the machine share.
  private func withMachine(
    _ body: (_ uri: String, _ file: String) async throws -> Void
  ) async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try await withDatabase { try await body($0, directory.appending(path: "lives").path) }
  }

  /// A store for each process, with its signs.
  private func withStores(
    _ uri: String, _ signs: [SignsOfLife?], _ body: ([MongoDomain]) async throws -> Void
  ) async throws {
    let storages = try signs.map { try MongoStorage(uri: uri, signs: $0) }
    var stores: [MongoDomain] = []
    for storage in storages { stores.append(try await storage.orders()) }
    try await body(stores)
    for storage in storages { await storage.close() }
  }
}

extension MongoDomain {
  /// Asks for a lease that does not expire while a test runs.
  fileprivate func take(_ owner: Name) async throws -> Lease? {
    try await acquire("l", owner: owner, duration: .seconds(3600))
  }
}
