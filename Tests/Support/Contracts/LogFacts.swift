import EventModel
import EventSourcing
import Testing

let logFacts: [Fact] = [
  Fact("an empty log has no head and nothing in it") { subject async throws in
    #expect(try await subject.store.head(ofPartition: 0) == Position(number: 0))
    #expect(try await subject.store.wholeLog().isEmpty)
    #expect(try await subject.store.roots(after: nil, limit: 10).isEmpty)
  },

  Fact("whoever reads behind the head misses nothing of what is still on its way") {
    subject async throws in
    let store = subject.store
    _ = try await store.append(.sample(.sample(1), at: 0))
    try await subject.tampering.reserve?(store, 3)
    _ = try await store.append(.sample(.sample(2), at: 0))
    let head = try await store.head(ofPartition: 0)
    let isBehind = subject.tampering.reserve != nil
    #expect(head.number == (isBehind ? 1 : 2))

    // A reader settles what lies between, and then the head has come there, too.
    let behind = try await store.log(after: head, limit: ReadLimit())
    #expect(behind.map(\.commit.cover.root) == (isBehind ? [.sample(2)] : []))
    let end = try await store.wholeLog().last?.position
    #expect(try await store.head(ofPartition: 0) == end)
  },

  Fact("a reader that does not follow gets all that was stored when it began") {
    subject async throws in
    let store = subject.store
    _ = try await store.append(.sample(.sample(1), at: 0))
    // As a writer does that was killed: what is stored behind its positions was acknowledged.
    try await subject.tampering.reserve?(store, 3)
    _ = try await store.append(.sample(.sample(2), at: 0))
    let last = try await store.lastCommit(ofPartition: 0)
    #expect(last.number == (subject.tampering.reserve == nil ? 2 : 5))
    var roots: [Root] = []
    try await EventReader(store: store).log(after: Position(number: 0), follow: false) {
      roots.append($0.commit.cover.root)
    }
    #expect(roots == [.sample(1), .sample(2)])
  },

  Fact("no commit is lost at the border of a portion, of whatever size") { subject async throws in
    for number in 0..<20 {
      _ = try await subject.store.append(
        .sample(.sample(number % 3), at: SequenceNumber(UInt32(number / 3))))
    }
    let log = try await subject.store.wholeLog()
    #expect(log.map(\.position.number) == Array(1...20))
    #expect(try await subject.store.head(ofPartition: 0) == Position(number: 20))
    for commits in 0...21 {
      #expect(try await subject.store.wholeLog(ReadLimit(count: commits)) == log)
    }
    let size = log[0].commit.pages.bytes.count
    for bytes in [0, 1, size - 1, size, size + 1, 3 * size, 20 * size, .max] {
      #expect(try await subject.store.wholeLog(ReadLimit(bytes: bytes)) == log)
    }
  },

  Fact("a portion keeps to its limits, but holds one commit at least") { subject async throws in
    for number in 0..<5 { _ = try await subject.store.append(.sample(.sample(number), at: 0)) }
    func count(_ limit: ReadLimit) async throws -> Int {
      let portion = try await subject.store.log(after: Position(number: 0), limit: limit)
      return portion.count
    }
    let size = PageBlock.sample(from: 0, count: 1).bytes.count
    #expect(try await count(ReadLimit(count: 3)) == 3)
    #expect(try await count(ReadLimit(count: 0)) == 1)
    #expect(try await count(ReadLimit(bytes: 2 * size)) == 2)
    #expect(try await count(ReadLimit(bytes: 3 * size - 1)) == 2)
    #expect(try await count(ReadLimit(bytes: 0)) == 1)
  },

  Fact("a snapshot counts towards a portion's bytes") { subject async throws in
    let state = Bytes(repeating: 1, count: 1000)
    for number in 0..<3 {
      let snapshot = Snapshot(sequence: 0, state: state)
      _ = try await subject.store.append(.sample(.sample(number), at: 0, snapshot: snapshot))
    }
    let portion = try await subject.store.log(
      after: Position(number: 0), limit: ReadLimit(bytes: 2500))
    #expect(portion.count == 2)
  },

  Fact("behind the head, and in a partition that is not there, the log is empty") {
    subject async throws in
    _ = try await subject.store.append(.sample(.sample(1), at: 0))
    for number: UInt64 in [1, 2, .max] {
      #expect(
        try await subject.store.log(after: Position(number: number), limit: ReadLimit()).isEmpty)
    }
    let elsewhere = Position(partition: subject.store.partitions, number: 0)
    #expect(try await subject.store.log(after: elsewhere, limit: ReadLimit()).isEmpty)
    #expect(try await subject.store.head(ofPartition: elsewhere.partition) == elsewhere)
  },

  Fact("readers that race with writers see every position, in order") { subject async throws in
    let store = subject.store
    let commits = 300
    try await withThrowingTaskGroup { group in
      for writer in 0..<6 {
        group.addTask {
          for _ in 0..<commits / 6 {
            _ = try await store.appendAnywhere(.sample(writer / 2), pages: 2)
          }
        }
      }
      for limit in [1, 7, 100] {
        group.addTask {
          var last = Position(number: 0)
          while last.number < commits {
            await store.waitForLog(after: last)
            for recorded in try await store.log(after: last, limit: ReadLimit(count: limit)) {
              #expect(recorded.position.number == last.number + 1)
              last = recorded.position
            }
          }
        }
      }
      try await group.waitForAll()
    }
  },
]
