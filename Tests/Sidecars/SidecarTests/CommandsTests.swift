import EventModel
import EventSourcing
import Foundation
import MemoryStorage
import OutriderTesting
import RPC
import SQLiteStorage
import Synchronization
import Testing
import Timing
import Wire

/// `outrider.v1.Commands`, as its clients see it.
@Suite(.timeLimit(.minutes(5))) struct CommandsTests {
  enum Kind: CaseIterable { case memory, sqlite }

  /// Lends a storage of its own.
  private func withStorage(
    _ kind: Kind, _ body: (any Storage) async throws -> Void
  ) async throws {
    guard kind == .sqlite else { return try await body(MemoryStorage()) }
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("outrider-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let storage = try SQLiteStorage(directory: directory.path)
    do { try await body(storage) } catch {
      await storage.close()
      throw error
    }
    await storage.close()
  }

  private static let appending: SidecarHarness.Logic = { _ in eventBook(nil, page("a")) }

  private func call<Answer: WireDecodable>(
    _ method: String, _ request: some WireEncodable, of harness: SidecarHarness,
    as: Answer.Type = OutriderV1.CommandStatus.self
  ) async throws -> Answer {
    let answer = try await harness.commands.unary(
      Method(service: "outrider.v1.Commands", name: method), request.wireBytes)
    return try Answer(wireBytes: answer)
  }

  private func code(of body: () async throws -> Void) async -> RPCStatus.Code? {
    do { try await body() } catch { return (error as? RPCStatus)?.code }
    return nil
  }

  private func dispatch(
    _ number: UInt8 = 1, id: String? = "c1", notBefore: Timestamp? = nil, domain: Name = "bank",
    origin: Origin = Origin(), to harness: SidecarHarness
  ) async throws -> OutriderV1.DispatchReceipt {
    let book = Evented.CommandBook(
      cover: Cover(domain: domain, root: root(number)),
      pages: [.init(Payload(typeURL: "type.example/T", value: [1]))], commandID: id,
      origin: origin)
    return try await call(
      "Dispatch",
      OutriderV1.DispatchRequest(
        DispatchedCommand(try Command(wireBytes: book.wireBytes), notBefore: notBefore)),
      of: harness, as: OutriderV1.DispatchReceipt.self)
  }

  private func reference(_ id: String = "c1", _ number: UInt8 = 1) -> CommandReference {
    CommandReference(cover: Cover(domain: "bank", root: root(number)), commandID: id)
  }

  /// Whether something was seen.
  private final class Seen: Sendable {
    let isSet = Atomic(false)
  }

  private let later = Timestamp(seconds: 4_000_000_000)

  @Test(arguments: Kind.allCases)
  func aDispatchedCommandEndsWithItsEvents(kind: Kind) async throws {
    try await withStorage(kind) { storage in
      let harness = SidecarHarness(storage: storage, logic: Self.appending)
      let receipt = try await dispatch(to: harness)
      #expect(receipt == .init(reference()))
      #expect(try await dispatch(to: harness).alreadyDispatched)
      #expect(try await call("Get", reference(), of: harness).outcome.end == nil)
      let status = try await harness.carrying {
        try await call("Await", reference(), of: harness)
      }
      #expect(
        status.outcome.end == .appended(EventSpan(first: 0, count: 1), Position(number: 1)))
      #expect(status.outcome.events?.commandID == "c1")
      #expect(status.outcome.command.id == "c1")
      #expect(try await call("Get", reference(), of: harness) == status)
    }
  }

  @Test func aCommandWithoutAnIdGetsOne() async throws {
    let harness = SidecarHarness(logic: Self.appending)
    let receipt = try await dispatch(id: nil, to: harness)
    #expect(Root(receipt.reference.commandID) != nil)
    let status = try await harness.carrying {
      try await call("Await", receipt.reference, of: harness)
    }
    #expect(status.outcome.events?.commandID == receipt.reference.commandID)
  }

  @Test func aRefusalSaysWhatTheLogicSaid() async throws {
    let harness = SidecarHarness { _ in throw RPCStatus(.failedPrecondition, "too little") }
    _ = try await dispatch(to: harness)
    let status = try await harness.carrying { try await call("Await", reference(), of: harness) }
    #expect(status.outcome.end == .refused(.failedPrecondition, message: "too little"))
  }

  @Test func logicThatIsAwayIsAskedAgain() async throws {
    let asked = Mutex(0)
    let harness = SidecarHarness { _ in
      let count = asked.withLock { count in
        count += 1
        return count
      }
      if count < 4 { throw RPCStatus(.unavailable, "away") }
      return eventBook(nil, page("a"))
    }
    _ = try await dispatch(to: harness)
    let status = try await harness.carrying { try await call("Await", reference(), of: harness) }
    #expect(status.outcome.events != nil)
  }

  @Test func correlationCauseAndHeadersPassOn() async throws {
    let harness = SidecarHarness(logic: Self.appending)
    let origin = Origin(
      correlation: "k",
      Evented.Annotations(
        cause: Evented.Cause(cover: nil, commandID: "before"), headers: ["tenant": "acme"]))
    _ = try await dispatch(origin: origin, to: harness)
    let status = try await harness.carrying { try await call("Await", reference(), of: harness) }
    #expect(status.outcome.events?.origin == origin)
    _ = try await dispatch(id: "bare", to: harness)
    let bare = try await harness.carrying {
      try await call("Await", reference("bare"), of: harness)
    }
    #expect(bare.outcome.events?.origin == Origin(correlation: "bare"))
    let stored = try await harness.storage.domain("bank").commit(
      of: root(1), commandID: "bare")
    #expect(stored?.commit.origin == Origin())
  }

  @Test(arguments: Kind.allCases)
  func whatIsNotDueIsListedAndCancelled(kind: Kind) async throws {
    try await withStorage(kind) { storage in
      let harness = SidecarHarness(storage: storage, logic: Self.appending)
      _ = try await dispatch(notBefore: later, to: harness)
      _ = try await dispatch(id: "now", to: harness)
      func listed() async throws -> [String?] {
        try await call(
          "List", OutriderV1.ListCommandsRequest(domain: "bank"), of: harness,
          as: OutriderV1.ListCommandsResponse.self
        ).commands.map(\.outcome.command.id)
      }
      #expect(try await listed() == ["c1", "now"])
      _ = try await harness.carrying { try await call("Await", reference("now"), of: harness) }
      #expect(try await listed() == ["c1"])
      let status = try await call("Cancel", reference(), of: harness)
      #expect(status.outcome.end == .cancelled)
      #expect(status.notBefore == later)
      #expect(try await listed().isEmpty)
      let late = await code { _ = try await call("Cancel", reference("now"), of: harness) }
      #expect(late == .failedPrecondition)
    }
  }

  @Test func aCommandForLaterIsCarriedOutOnceItsTimeHasCome() async throws {
    let time = Mutex(Timestamp(seconds: 1_700_000_000))
    let environment = Environment(
      now: { time.withLock(\.self) }, instant: Environment.live.instant,
      sleep: { _ in
        try Task.checkCancellation()
        await Task.yield()
      }, random: Environment.live.random)
    let harness = SidecarHarness(logic: Self.appending)
    _ = try await dispatch(notBefore: later, to: harness)
    _ = try await dispatch(id: "now", to: harness)
    try await harness.carrying(environment: environment) {
      _ = try await call("Await", reference("now"), of: harness)
      #expect(try await call("Get", reference(), of: harness).outcome.end == nil)
      time.withLock { $0 = later }
      let status = try await call("Await", reference(), of: harness)
      #expect(status.outcome.events?.commandID == "c1")
    }
  }

  @Test func endsAreWatched() async throws {
    let harness = SidecarHarness(logic: Self.appending)
    let watch = try await harness.commands.serverStreaming(
      Method(service: "outrider.v1.Commands", name: "Watch"),
      OutriderV1.WatchCommandsRequest(domain: "bank").wireBytes)
    let seen = Seen()
    try await harness.carrying {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for try await message in watch.responses {
            let status = try OutriderV1.CommandStatus(wireBytes: message)
            #expect(status.outcome.events != nil)
            seen.isSet.store(true, ordering: .relaxed)
            return
          }
        }
        var number = 0
        // The watch has begun once it shows one.
        while !seen.isSet.load(ordering: .relaxed) {
          number += 1
          let id = "c\(number)"
          _ = try await dispatch(id: id, to: harness)
          _ = try await call("Await", reference(id), of: harness)
        }
        try await group.next()
      }
    }
    watch.cancel()
  }

  @Test func whatCannotBeDispatchedIsRefused() async throws {
    let harness = SidecarHarness(logic: Self.appending)
    #expect(await code { _ = try await dispatch(domain: "shop", to: harness) } == .notFound)
    #expect(
      await code { _ = try await dispatch(domain: "$commands.bank", to: harness) }
        == .invalidArgument)
    #expect(await code { _ = try await dispatch(id: "$end:c", to: harness) } == .invalidArgument)
    for method in ["Get", "Await", "Cancel"] {
      let found = await code { _ = try await call(method, reference("none"), of: harness) }
      #expect(found == .notFound)
    }
    let page = OutriderV1.ListCommandsRequest(domain: "bank", page: .init(token: [1]))
    let listed = await code {
      _ = try await call(
        "List", page, of: harness, as: OutriderV1.ListCommandsResponse.self)
    }
    #expect(listed == .invalidArgument)
  }

  @Test func internalDomainsAreNotListed() async throws {
    let harness = SidecarHarness(domains: nil, logic: Self.appending)
    _ = try await dispatch(to: harness)
    _ = try await harness.carrying { try await call("Await", reference(), of: harness) }
    let domains = try await harness.queries.unary(
      Method(service: "outrider.v1.Log", name: "Domains"), [])
    #expect(try OutriderV1.DomainsResponse(wireBytes: domains).domains == ["bank"])
  }
}
