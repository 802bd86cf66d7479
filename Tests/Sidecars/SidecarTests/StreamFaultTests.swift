import Contracts
import EventModel
import EventSourcing
import MemoryStorage
import OutriderTesting
import RPC
import Sidecars
import Synchronization
import Testing
import Wire

/// What becomes of a stream when a call of the store fails: it goes on, or ends with UNAVAILABLE.
@Suite(.timeLimit(.minutes(5))) struct StreamFaultTests {
  private let harness = SidecarHarness { _ in [] }

  private func queries(_ calls: StoreCalls) -> any RPCChannel {
    let domains = QueriedDomains(
      storage: InterceptedStorage(harness.storage, calls), served: ["bank"])
    return InProcessChannel(
      Router([
        .eventQuery(domains), .log(domains),
        .projections(
          domains, live: LiveGenerations(), readYourWrites: ReadYourWrites(LowWaterMarks()),
          deadlineDefault: .seconds(60)),
      ]))
  }

  private func record(_ text: String, _ number: UInt8 = 1) async throws {
    _ = try await harness.record(field(1, cover(root(number))) + field(3, page(text)))
  }

  private func project(_ number: UInt8, next: SequenceNumber) async throws {
    _ = try await harness.storage.domain("bank").save(
      ConsumerRecord(
        subscription: "p", root: root(number), next: next, value: any("v"),
        updatedAt: Timestamp(seconds: 1)),
      after: SequenceNumber(next.rawValue - 1))
  }

  /// Reads as many answers as are to come, unless the call fails; what it failed with.
  private func failure(
    of call: ClientCall, after count: Int, between: (Int) async throws -> Void
  ) async throws -> RPCStatus.Code? {
    defer { call.cancel() }
    var seen = 0
    do {
      for try await _ in call.responses {
        seen += 1
        if seen == count { return nil }
        try await between(seen)
      }
      Issue.record("the stream ended after \(seen) of \(count) answers")
      return nil
    } catch let status as RPCStatus {
      return status.code
    }
  }

  @Test(arguments: StoreCall.allCases, 1...3)
  func synchronize(call: StoreCall, number: Int) async throws {
    try await record("a")
    let queries = queries(.failing(call, at: number))
    let stream = try await queries.stream(
      Method(service: "evented.EventQuery", name: "Synchronize"))
    try await stream.send(field(1, "bank") + field(2, field(1, root(1).bytes)))
    let code = try await failure(of: stream, after: 4) { seen in try await record("b\(seen)") }
    #expect(code == nil || code == .unavailable)
  }

  @Test(arguments: StoreCall.allCases, 1...3)
  func followedLog(call: StoreCall, number: Int) async throws {
    try await record("a")
    let stream = try await queries(.failing(call, at: number)).serverStreaming(
      Method(service: "outrider.v1.Log", name: "Read"), field(1, "bank") + field(4, 1))
    let code = try await failure(of: stream, after: 4) { seen in try await record("b\(seen)") }
    #expect(code == nil || code == .unavailable)
  }

  @Test(arguments: StoreCall.allCases, 1...3)
  func watchedProjections(call: StoreCall, number: Int) async throws {
    try await record("a")
    try await project(1, next: 1)
    let stream = try await queries(.failing(call, at: number)).serverStreaming(
      Method(service: "outrider.v1.Projections", name: "Watch"), field(1, "p") + field(2, "bank"))
    let code = try await failure(of: stream, after: 4) { seen in
      try await project(1, next: SequenceNumber(UInt32(seen) + 1))
    }
    #expect(code == nil || code == .unavailable)
  }

  /// Dispatched commands that end one after the other are told once each, in that order.
  @Test(arguments: StoreCall.allCases, 1...3)
  func watchedCommands(call: StoreCall, number: Int) async throws {
    let storage = InterceptedStorage(harness.storage, .failing(call, at: number))
    let dispatchers = ServedDomains<CommandDispatcher>(names: ["bank"]) { domain in
      CommandDispatcher(
        CommandJournal(
          of: domain, store: try await storage.domain(.commands(of: domain)),
          codec: DispatchMessages()), events: try await storage.domain(domain))
    }
    let commands = InProcessChannel(
      Router([
        .commands(dispatchers, causes: Causes(in: storage), deadlineDefault: .seconds(60))
      ]))
    let stream = try await commands.serverStreaming(
      Method(service: "outrider.v1.Commands", name: "Watch"), field(1, "bank"))
    let harness = harness
    let (ids, code) = try await harness.carrying {
      await withTaskGroup(of: Void.self) { group in
        // The watch has begun once it shows one.
        group.addTask { try? await harness.carryOutCommands() }
        defer { group.cancelAll() }
        return await watched(stream, count: 4)
      }
    }
    #expect(code == nil || code == .unavailable)
    if let first = ids.first { #expect(ids == Array(first..<first + ids.count)) }
  }

  /// The numbers of the commands whose ends are told first, and what the call failed with before.
  private func watched(
    _ call: ClientCall, count: Int
  ) async -> (numbers: [Int], code: RPCStatus.Code?) {
    defer { call.cancel() }
    var numbers: [Int] = []
    do {
      for try await message in call.responses {
        let reference = try OutriderV1.CommandStatus(wireBytes: message).reference
        numbers.append(try #require(Int(reference.commandID)))
        if numbers.count == count { break }
      }
      return (numbers, nil)
    } catch {
      return (numbers, (error as? RPCStatus)?.code ?? .unknown)
    }
  }

  // MARK: What else streams promise

  @Test func noEventIsSentTwiceWhereHistoryAndNewsMeet() async throws {
    let numbers = 1...50 as ClosedRange<UInt8>
    for number in numbers {
      try await record("a", number)
      try await record("b", number)
    }
    let stream = try await harness.queries.stream(
      Method(service: "evented.EventQuery", name: "Synchronize"))
    defer { stream.cancel() }
    var seen: [Bytes: [String]] = [:]
    try await withThrowingTaskGroup { group in
      group.addTask {
        for number in numbers {
          try await stream.send(field(1, "bank") + field(2, field(1, root(number).bytes)))
        }
      }
      group.addTask { for number in numbers { try await record("c", number) } }
      for try await book in stream.responses {
        seen[content(1, of: book)[0], default: []] += texts(book)
        if seen.values.count(where: { $0.contains("c") }) == numbers.count { break }
      }
      try await group.waitForAll()
    }
    #expect(seen.values.allSatisfy { $0 == ["a", "b", "c"] })
  }

  @Test func aCallFollowsNoMoreAggregatesThanItMay() async throws {
    let stream = try await harness.queries.stream(
      Method(service: "evented.EventQuery", name: "Synchronize"))
    try await record("a")
    let status = await #expect(throws: RPCStatus.self) {
      for number in 0...10_000 {
        let root = Bytes(repeating: 1, count: 14) + [UInt8(number >> 8), UInt8(number & 255)]
        try await stream.send(field(1, "bank") + field(2, field(1, root)))
      }
      for try await _ in stream.responses {}
    }
    #expect(status?.code == .failedPrecondition)
  }

  @Test func aLogThatIsNotFollowedEndsAtItsHeadOfTheBeginning() async throws {
    for text in ["a", "b"] { try await record(text) }
    let harness = harness
    let calls = StoreCalls { call, _ async throws(StorageError) in
      // A writer that is as fast as the reader.
      guard call == .log else { return }
      _ = try? await harness.record(field(1, cover(root(2))) + field(3, page("new")))
    }
    let stream = try await queries(calls).serverStreaming(
      Method(service: "outrider.v1.Log", name: "Read"), field(1, "bank"))
    var count = 0
    for try await _ in stream.responses {
      count += 1
      if count > 100 { break }
    }
    #expect(count == 2)
  }

  // MARK: The projector's coordinator

  @Test func anInventedBookChangesNothing() async throws {
    let seen = Mutex<[String]>([])
    let harness = SidecarHarness(
      projector: { request in
        seen.withLock { $0 += texts(request) }
        return field(2, "p") + field(4, any("v"))
      }, logic: { _ in [] })
    _ = try await harness.record(
      field(1, cover(root(1))) + field(3, page("a")) + field(3, page("b")))
    let handle = Method(service: "evented.ProjectorCoordinator", name: "Handle")
    func invented(_ numbers: Range<UInt64>) -> Bytes {
      field(1, cover(root(1))) + numbers.flatMap { field(3, page("invented", num: $0)) }
    }
    _ = try await harness.projectors.unary(handle, invented(0..<2))
    #expect(seen.withLock { $0 } == ["a", "b"])
    let status = await #expect(throws: RPCStatus.self) {
      try await harness.projectors.unary(handle, invented(0..<3))
    }
    #expect(status?.code == .unavailable)
    #expect(try await harness.storage.domain("bank").record(of: "p", root: root(1))?.next == 2)
    _ = try await harness.record(field(1, cover(root(1))) + field(3, page("c")))
    _ = try await harness.projectors.unary(handle, invented(2..<3))
    #expect(seen.withLock { $0 } == ["a", "b", "c"])
  }
}

extension SidecarHarness {
  /// Has one command after the other carried out, until the task is cancelled.
  fileprivate func carryOutCommands() async throws {
    for number in 0... { try await carryOut("\(number)") }
  }

  /// Dispatches a command to an aggregate of the domain bank, and waits until it has ended.
  private func carryOut(_ id: String) async throws {
    let service = "outrider.v1.Commands"
    let book = Evented.CommandBook(
      cover: Cover(domain: "bank", root: root(1)),
      pages: [.init(Payload(typeURL: "type.example/T", value: [1]))], commandID: id)
    let dispatched = DispatchedCommand(try Command(wireBytes: book.wireBytes))
    _ = try await commands.unary(
      Method(service: service, name: "Dispatch"),
      OutriderV1.DispatchRequest(dispatched).wireBytes)
    _ = try await commands.unary(
      Method(service: service, name: "Await"),
      CommandReference(cover: book.cover, commandID: id).wireBytes)
  }
}
