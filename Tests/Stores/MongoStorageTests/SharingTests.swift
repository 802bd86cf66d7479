import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// Several replicas on one database.
@Suite(.timeLimit(.minutes(5))) struct SharingTests {
  private func withReplicas(
    _ count: Int, partitions: UInt32? = nil, _ body: ([MongoDomain], String) async throws -> Void
  ) async throws {
    try await withDatabase { uri in
      var storages: [MongoStorage] = []
      for _ in 0..<count { storages.append(try MongoStorage(uri: uri, partitions: partitions)) }
      var domains: [MongoDomain] = []
      for storage in storages { domains.append(try await storage.orders()) }
      try await body(domains, uri)
      for storage in storages { await storage.close() }
    }
  }

  @Test(arguments: [1, 3] as [UInt32])
  func replicasThatRaceLeaveOneOrderedLog(partitions: UInt32) async throws {
    try await withReplicas(3, partitions: partitions) { replicas, _ in
      let roots = (0..<6).map { _ in Root.random() }
      // Each command comes to all replicas, and counts once.
      try await withThrowingTaskGroup { group in
        for replica in replicas {
          for root in roots {
            group.addTask {
              for number in 0..<10 {
                try await replica.appendAnywhere(root, commandID: "\(number)")
              }
            }
          }
        }
        try await group.waitForAll()
      }
      var streams: [Root: [SequenceNumber]] = [:]
      for partition in 0..<partitions {
        let log = try await replicas[0].wholeLog(partition: partition)
        #expect(log.map(\.position.number) == log.map(\.position.number).sorted())
        for recorded in log {
          let root = recorded.commit.cover.root
          #expect(root.partition(of: partitions) == partition)
          streams[root, default: []].append(recorded.commit.pages.first)
        }
      }
      #expect(Set(streams.keys) == Set(roots))
      for stream in streams.values {
        #expect(stream == (0..<10).map { SequenceNumber($0) })
      }
    }
  }

  @Test func aStaleReplicaLosesAndFillsItsPositionItself() async throws {
    try await withReplicas(2) { replicas, uri in
      let root = Root.random()
      _ = try await replicas[0].append(.sample(root, at: 0))
      #expect(try await replicas[1].next(of: root) == 1)
      _ = try await replicas[0].append(.sample(root, at: 1))
      #expect(try await replicas[1].append(.sample(root, at: 1)) == .conflict(next: 2))
      let tombstones = try RawClient(uri).withClient { client in
        try client.collection("commits.orders").find(["tombstone": true]).all()
      }
      #expect(tombstones.map { $0["position"]?.integer } == [3])
      #expect(
        try await replicas[1].append(.sample(root, at: 2)) == .appended(Position(number: 4)))
      #expect(try await replicas[0].wholeLog().map(\.position.number) == [1, 2, 4])
    }
  }

  @Test func aNumberBehindTheEndIsRefusedByEveryReplica() async throws {
    try await withReplicas(2) { replicas, _ in
      let root = Root.random()
      _ = try await replicas[0].append(.sample(root, at: 0))
      for replica in replicas {
        #expect(try await replica.append(.sample(root, at: 2)) == .conflict(next: 1))
        #expect(try await replica.append(.sample(.random(), at: 5)) == .conflict(next: 0))
      }
    }
  }

  @Test func whoeverWaitsHearsOfOtherReplicasCommits() async throws {
    try await withReplicas(2) { replicas, _ in
      async let waiting: Void = replicas[1].waitForLog(after: Position(number: 0))
      _ = try await replicas[0].append(.sample(.random()))
      await waiting
      #expect(try await replicas[1].wholeLog().count == 1)
    }
  }
}

extension MongoDomain {
  /// Appends at the aggregate's end, wherever it is by now.
  func appendAnywhere(_ root: Root, commandID: String) async throws {
    var commit = Commit.sample(root, at: try await next(of: root), commandID: commandID)
    while case .conflict(let next) = try await append(commit) {
      commit = Commit.sample(root, at: next, commandID: commandID)
    }
  }
}
