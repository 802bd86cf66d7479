import Contracts
import EventModel
import EventSourcing
import Testing

@testable import MongoStorage

/// What `failCommand` makes of a server. A database has its own fail points, by namespace.
@Suite(.timeLimit(.minutes(5))) struct FaultTests {
  private struct Subject {
    let storage: MongoStorage
    let domain: MongoDomain
    let raw: RawClient
    let database: String

    /// Makes the next commands on the collection fail, of that name and so many.
    func fail(_ command: String, on collection: String, times: Int64, _ how: BSONDocument) throws {
      var data: BSONDocument = [
        "failCommands": [.string(command)], "namespace": .string("\(database).\(collection)"),
      ]
      data.append(contentsOf: how)
      try raw.runOnAdmin([
        "configureFailPoint": "failCommand", "mode": ["times": .int64(times)],
        "data": .document(data),
      ])
    }
  }

  private func withSubject(
    _ body: (Subject) async throws -> Void
  ) async throws {
    try await withDatabase { uri in
      let storage = try MongoStorage(uri: uri)
      let name = String(try #require(uri.split(separator: "/").last).prefix { $0 != "?" })
      let subject = Subject(
        storage: storage, domain: try await storage.orders(), raw: try RawClient(uri),
        database: name)
      try await body(subject)
      await storage.close()
    }
  }

  /// Twice and more, since the driver itself tries once again.
  private static let faults: [BSONDocument] = [
    ["closeConnection": true],
    ["closeConnection": true, "afterCommand": true],
    ["errorCode": .int32(10107)],
    ["errorCode": .int32(11600), "afterCommand": true],
    ["errorCode": .int32(189)],
    ["writeConcernError": ["code": .int32(64), "errmsg": "waiting for replication timed out"]],
    ["writeConcernError": ["code": .int32(91), "errmsg": "shutting down"]],
  ]

  @Test(arguments: faults)
  func anInsertWhoseOutcomeIsUnknownAppendsOnce(_ fault: BSONDocument) async throws {
    try await withSubject { subject in
      let commits = (0..<5).map { _ in Commit.sample(.random(), commandID: "c") }
      try subject.fail("insert", on: "commits.orders", times: 3, fault)
      try await withThrowingTaskGroup { group in
        for commit in commits {
          group.addTask {
            guard case .appended = try await subject.domain.append(commit) else {
              Issue.record("a commit was not appended")
              return
            }
          }
        }
        try await group.waitForAll()
      }
      let log = try await subject.domain.wholeLog()
      #expect(Set(log.map(\.commit.id)) == Set(commits.map(\.id)))
      #expect(log.count == 5)
    }
  }

  @Test(arguments: faults)
  func aReservationThatFailsCostsNothingButNumbers(_ fault: BSONDocument) async throws {
    try await withSubject { subject in
      try subject.fail("findAndModify", on: "counters.orders", times: 3, fault)
      let commit = Commit.sample(.random())
      guard case .appended = try await subject.domain.append(commit) else {
        Issue.record("the commit was not appended")
        return
      }
      #expect(try await subject.domain.wholeLog().map(\.commit.id) == [commit.id])
    }
  }

  @Test(arguments: faults)
  func aSaveWhoseOutcomeIsUnknownSavesOnce(_ fault: BSONDocument) async throws {
    try await withSubject { subject in
      let root = Root.random()
      for number: UInt32 in 0..<2 {
        try subject.fail(
          number == 0 ? "insert" : "update", on: "records.orders", times: 3, fault)
        let record = ConsumerRecord(
          subscription: "s", root: root, next: SequenceNumber(number + 1), value: nil,
          updatedAt: Timestamp(seconds: 1))
        #expect(try await subject.domain.save(record, after: SequenceNumber(number)))
      }
      let changes = try await subject.domain.changes(of: "s", after: 0, limit: ReadLimit(count: 10))
      #expect(changes.map(\.next) == [2])
    }
  }

  @Test func readsGoOnAfterThePrimaryChanged() async throws {
    try await withSubject { subject in
      _ = try await subject.domain.append(.sample(.random()))
      try subject.fail("find", on: "commits.orders", times: 1, ["errorCode": .int32(10107)])
      #expect(try await subject.domain.wholeLog().count == 1)
    }
  }

  @Test func aCommitThatIsTooLargeFailsAlone() async throws {
    try await withSubject { subject in
      let large = Commit.sample(.random(), bodySize: 17 << 20)
      let others = (0..<3).map { _ in Commit.sample(.random()) }
      try await withThrowingTaskGroup { group in
        group.addTask {
          await expectFailure(.tooLarge, saying: ["16777216"]) {
            _ = try await subject.domain.append(large)
          }
        }
        for commit in others { group.addTask { _ = try await subject.domain.append(commit) } }
        try await group.waitForAll()
      }
      #expect(try await subject.domain.next(of: large.cover.root) == 0)
      #expect(try await subject.domain.wholeLog().count == 3)
    }
  }

  @Test func aWriteThatTheServerForbidsIsToldAtOnce() async throws {
    try await withSubject { subject in
      try subject.fail("insert", on: "commits.orders", times: 1, ["errorCode": .int32(13)])
      await expectFailure(.unavailable, saying: ["credentials"]) {
        _ = try await subject.domain.append(.sample(.random()))
      }
      _ = try await subject.domain.append(.sample(.random()))
      #expect(try await subject.domain.wholeLog().count == 1)
    }
  }
}

/// No server at all.
@Suite(.timeLimit(.minutes(5))) struct AwayTests {
  @Test func aServerThatIsAwayIsNamedToTheOperatorOnlyAndWithoutCredentials() async throws {
    let storage = try MongoStorage(
      uri: "mongodb://ann:secret@127.0.0.1:1/shop?serverSelectionTimeoutMS=50")
    await #expect {
      _ = try await storage.domain("orders")
    } throws: { error in
      guard let error = error as? StorageError else { return false }
      return error.code == .unavailable && "\(error)".contains("mongodb://127.0.0.1:1/shop")
        && !error.message.contains("127.0.0.1") && !"\(error)".contains("secret")
    }
    await storage.close()
  }

  @Test(arguments: [
    ("mongodb://127.0.0.1:1", "names no database"), ("mongodb://", "cannot be read"),
    ("mongodb://127.0.0.1:port/db", "cannot be read"), ("mongodb://127.0.0.1:1/db?w=0", "w is 0"),
  ])
  func aURIThatIsWrongIsRefused(uri: String, reason: String) async {
    await expectFailure(.incompatible, saying: [reason]) { _ = try MongoStorage(uri: uri) }
  }

  @Test(arguments: ["s3:cret", "s3/cret", "s3%zzcret", "s3cret@host:x"])
  func passwordInAURIThatIsWrongIsNotTold(_ password: String) {
    let error = #expect(throws: StorageError.self) {
      try MongoStorage(uri: "mongodb://ann:\(password)@host/db")
    }
    #expect(error?.message.contains("cannot be read") == true)
    #expect(error?.message.contains("cret") == false)
  }

  @Test(arguments: [
    ("", 0), ("?w=majority&journal=true&readConcernLevel=linearizable", 0), ("?w=1", 1),
    ("?w=1&readConcernLevel=local", 2), ("?journal=false", 1),
    ("?readPreference=secondary&w=2", 2),
  ])
  func whatWeakensThePromisesIsWarnedOf(options: String, warnings: Int) async throws {
    let storage = try MongoStorage(uri: "mongodb://127.0.0.1:1/shop\(options)")
    #expect(storage.warnings.count == warnings)
    await storage.close()
  }
}
