import EventModel
import Sidecars
import Testing
import Wire

private typealias Status = OutriderV1.ProcessStatus
private typealias Follower = OutriderV1.FollowerStatus

/// Each row of the table in docs/operations.md: a state, and what it is called.
@Suite struct StatusFindingTests {
  private static let now = Timestamp(seconds: 1_700_000_000)

  /// A process with which all is well.
  private static func well() -> Status {
    var status = Status(process: "p1", version: "1.0.0", now: now, startedAt: now)
    status.roles = [.init(role: "projector", address: "127.0.0.1:1315", isServing: true)]
    status.store.place = "sqlite:data"
    status.store.isReachable = true
    status.store.takesCommits = true
    status.store.space = .init(free: 50 << 30, total: 100 << 30)
    status.store.clock = .init(offset: .milliseconds(20), error: .milliseconds(1))
    var logic = OutriderV1.LogicStatus(address: "127.0.0.1:1738", purpose: "balance")
    logic.isReachable = true
    status.logic = [logic]
    var follower = Follower(kind: .projector, name: "balance", domain: "bank", partition: 0)
    (follower.checkpoint, follower.head) = (10, 10)
    follower.lease = .init(holder: "p1", since: now, changes: 1, changesLately: 0)
    status.followers = [follower]
    status.certificates = [
      .init(
        purpose: "certificate", file: "server.pem",
        expiresAt: now.advanced(by: .seconds(90 * 86_400)))
    ]
    return status
  }

  private static func parked(tries: Int = 8) -> OutriderV1.ParkedAggregate {
    .init(
      subscription: "balance",
      cover: Cover(domain: "bank", root: Root([UInt8](repeating: 1, count: 16))!),
      firstSequence: 3, statusCode: .invalidArgument, reason: "no such account", tries: tries,
      parkedAt: now)
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let severity: OutriderV1.Finding.Severity
    let words: [String]
    fileprivate let change: @Sendable (inout OutriderV1.ProcessStatus) -> Void

    fileprivate init(
      _ code: FindingKind, _ severity: OutriderV1.Finding.Severity, _ words: String...,
      change: @escaping @Sendable (inout OutriderV1.ProcessStatus) -> Void
    ) {
      testDescription = code.rawValue
      self.severity = severity
      self.words = words
      self.change = change
    }
  }

  static let rows: [Row] = [
    Row(.storeAway, .failing, "no server", "sqlite:data") {
      $0.store.isReachable = false
      $0.store.error = "no server"
    },
    Row(.storeNotWritable, .failing, "log") { $0.store.takesCommits = false },
    Row(.diskNearlyFull, .warning, "only 512 MiB of 100 GiB") { $0.store.space?.free = 512 << 20 },
    Row(.clockOff, .warning, "2.0 s ahead") { $0.store.clock?.offset = .seconds(2) },
    Row(.clockOff, .warning, "2.0 s behind") { $0.store.clock?.offset = .seconds(-2) },
    Row(.logicDown, .failing, "logic of projector balance", "refused") {
      $0.logic[0].isReachable = false
      $0.logic[0].error = "refused"
    },
    Row(.logicDown, .failing, "the business logic of bank cannot") {
      $0.logic[0].purpose = "business logic of bank"
      $0.logic[0].isReachable = false
    },
    Row(.logicSlow, .warning, "127.0.0.1:1738") {
      $0.logic[0].isReachable = false
      $0.logic[0].isSlow = true
    },
    Row(.commandsWait, .failing, "stock", "1 other domain", "nobody listens", "`routes`") {
      $0.followers[0].waitsFor = [
        .init("stock", "stock takes no commands: nobody listens"), .init("till", "away"),
      ]
    },
    Row(.projectorDown, .failing, "bank, projector balance") {
      $0.followers[0].circuitIsOpen = true
    },
    Row(.brokerAway, .failing, "gone") {
      $0.followers[0].channelFailure = .init(.unavailable, "gone")
    },
    Row(.unroutable, .failing, "bind a queue") {
      $0.followers[0].channelFailure = .init(.unroutable, "no queue")
    },
    Row(.brokerRefuses, .failing, "limits") {
      $0.followers[0].channelFailure = .init(.refused, "too large")
    },
    Row(.brokerForbids, .failing, "credentials") {
      $0.followers[0].channelFailure = .init(.notPermitted, "no")
    },
    Row(.deadLetters, .warning, "2 messages") {
      $0.followers[0].deadLetters = 2
    },
    Row(
      .parked, .warning, "1 aggregate is parked", "event 3", "no such account",
      "parked retry balance bank/"
    ) {
      $0.followers[0].parked = 1
      $0.followers[0].firstParked = parked()
    },
    Row(.parked, .warning, "1000 or more aggregates are parked") {
      $0.followers[0].parked = 1000
      $0.followers[0].firstParked = parked()
    },
    Row(.poisoned, .warning, "event 3 of bank/", "5 tries", "and 1 more") {
      $0.followers[0].refused = [parked(tries: 2), parked(tries: 5)]
    },
    Row(.leaseFlapping, .warning, "3 times") { $0.followers[0].lease?.changesLately = 3 },
    Row(.lag, .warning, "5 commits and 31 seconds behind") {
      $0.followers[0].checkpoint = 5
      $0.followers[0].lag = .seconds(31)
    },
    Row(.nobodyFollows, .failing, "5 commits and 31 seconds behind") {
      $0.followers[0].checkpoint = 5
      $0.followers[0].lag = .seconds(31)
      $0.followers[0].lease?.holder = nil
    },
    Row(.unreadable, .warning, "damaged") { $0.followers[0].error = "damaged" },
    Row(.certificateExpiring, .warning, "expires in 13 days", "server.pem") {
      $0.certificates[0].expiresAt = now.advanced(by: .seconds(14 * 86_400 - 1))
    },
    Row(.certificateExpired, .failing, "expired 0 seconds ago") {
      $0.certificates[0].expiresAt = now
    },
    Row(.certificateUnreadable, .failing, "not there") {
      $0.certificates[0].expiresAt = nil
      $0.certificates[0].error = "not there"
    },
    Row(.historyTooLong, .warning, "9 events, 2.0 MiB, and 1 more", "bank/r") {
      $0.histories = [
        .init(domain: "bank", root: "r", events: 9, bytes: 2 << 20),
        .init(domain: "bank", root: "s", events: 5, bytes: 1 << 20),
      ]
    },
    Row(.notServing, .failing, "projector", "127.0.0.1:1315") { $0.roles[0].isServing = false },
  ]

  @Test(arguments: rows) func stateIsNamed(_ row: Row) throws {
    var status = Self.well()
    row.change(&status)
    let findings = status.findings(beyond: StatusLimits())
    let finding = try #require(findings.first)
    #expect(findings.count == 1)
    #expect(finding.code == row.testDescription)
    #expect(finding.severity == row.severity)
    let text = "\(finding.place): \(finding.what): \(finding.action)"
    for word in row.words { #expect(text.contains(word)) }
    #expect(!finding.action.isEmpty && !finding.place.isEmpty)
  }

  @Test func whatIsWellIsNoFinding() {
    var status = Self.well()
    #expect(status.findings(beyond: StatusLimits()).isEmpty)
    // Short of each limit.
    status.store.clock = .init(offset: .milliseconds(510), error: .milliseconds(10))
    status.store.space?.free = 1 << 30
    status.followers[0].checkpoint = 0
    status.followers[0].lag = .seconds(30)
    status.followers[0].lease?.changesLately = 2
    // Those that somebody has seen to.
    status.followers[0].setAside = 1
    status.followers[0].setAsideAt = Self.now
    status.certificates[0].expiresAt = Self.now.advanced(by: .seconds(14 * 86_400))
    #expect(status.findings(beyond: StatusLimits()).isEmpty)
    // Nobody needs to follow a log that was handled to its end.
    status.followers[0].checkpoint = 10
    status.followers[0].lease?.holder = nil
    #expect(status.findings(beyond: StatusLimits()).isEmpty)
  }

  @Test func causesComeBeforeWhatFollowsFromThem() {
    var status = Self.well()
    status.roles[0].isServing = false
    status.followers[0].checkpoint = 0
    status.followers[0].lag = .seconds(60)
    status.logic[0].isReachable = false
    status.store.isReachable = false
    #expect(
      status.findings(beyond: StatusLimits()).map(\.code) == [
        "store-away", "logic-down", "not-serving", "lag",
      ])
  }

  @Test func aFullDiskIsTheAdviceWhereTheStoreTakesNothing() {
    var status = Self.well()
    status.store.takesCommits = false
    status.store.space?.free = 0
    let findings = status.findings(beyond: StatusLimits())
    #expect(findings.map(\.code) == ["store-not-writable", "disk-nearly-full"])
    #expect(findings[0].action.contains("make room"))
  }

  @Test func callersOfFewDomainsSeeNoOthers() throws {
    var status = Self.well()
    status.histories = [.init(domain: "bank", root: "r", events: 1, bytes: 1)]
    #expect(status.within(.only(["shop"])).followers.isEmpty)
    #expect(status.within(.only(["shop"])).histories.isEmpty)
    #expect(status.within(.only(["bank"])) == status)
  }

  // MARK: A deployment

  private static func answer(
    _ status: Status, offset: Duration = .zero, error: Duration = .milliseconds(1)
  ) -> StatusAnswer {
    StatusAnswer(
      address: "127.0.0.1:1314", .status(status, clock: .init(offset: offset, error: error)))
  }

  @Test func whatSeveralFoundIsToldOnce() {
    var status = Self.well()
    status.store.isReachable = false
    status.findings = status.findings(beyond: StatusLimits())
    let findings = [Self.answer(status), Self.answer(status)].findings(beyond: StatusLimits())
    #expect(findings.map(\.code) == ["store-away"])
  }

  @Test func whoDoesNotAnswerComesFirst() {
    var status = Self.well()
    status.store.isReachable = false
    status.findings = status.findings(beyond: StatusLimits())
    let answers = [
      Self.answer(status), StatusAnswer(address: "127.0.0.1:1", .unreachable("refused")),
    ]
    let findings = answers.findings(beyond: StatusLimits())
    #expect(findings.map(\.code) == ["unreachable", "store-away"])
    #expect(findings[0].place == "127.0.0.1:1" && findings[0].what.contains("refused"))
  }

  @Test func whoAnswersWithoutAStateIsNotTakenForAway() {
    let answers = [StatusAnswer(address: "127.0.0.1:1", .refused("PERMISSION_DENIED: no"))]
    let findings = answers.findings(beyond: StatusLimits())
    #expect(findings.map(\.code) == ["status-refused"])
    #expect(findings[0].what.contains("PERMISSION_DENIED") && findings[0].severity == .failing)
  }

  @Test func aProcessWhoseClockIsFarFromTheCallersIsNamed() {
    let off = [Self.answer(Self.well(), offset: .seconds(-3))].findings(beyond: StatusLimits())
    #expect(off.map(\.code) == ["clock-off"])
    #expect(off[0].what.contains("3.0 s behind that of this machine"))
    // A slow answer says little of the clock.
    let slow = [Self.answer(Self.well(), offset: .seconds(1), error: .seconds(1))]
    #expect(slow.findings(beyond: StatusLimits()).isEmpty)
  }

  @Test func amountsAreShortAndInFamiliarUnits() {
    #expect(seconds(.milliseconds(1250)) == "1.2 s")
    #expect(seconds(.seconds(42)) == "42 s")
    #expect(rough(.seconds(119)) == "119 seconds")
    #expect(rough(.seconds(120)) == "2 minutes")
    #expect(rough(.seconds(86_400)) == "24 hours")
    #expect(rough(.seconds(172_800)) == "2 days")
    #expect(bytes(1023) == "1023 bytes")
    #expect(bytes(1536) == "1.5 KiB")
    #expect(bytes(71 << 30) == "71 GiB")
  }
}
