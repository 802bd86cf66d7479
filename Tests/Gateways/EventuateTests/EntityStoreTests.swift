import EventModel
import JSON
import OutriderTesting
import RPC
import Sidecars
import Testing

@testable import Eventuate

/// Entities over real sidecars in memory.
@Suite(.timeLimit(.minutes(5))) struct EntityStoreTests {
  private let harness = SidecarHarness(domains: nil) { _ in
    throw RPCStatus(.internal, "an Eventuate application has its logic in itself")
  }
  private var store: EntityStore { EntityStore(calls: harness.eventuateCalls) }

  private func create(
    _ id: String? = nil, token: String? = nil, types: [String] = ["Opened"]
  ) async throws -> SavedEntity {
    try await store.create(request(id, token: token, types: types))
  }

  private func request(
    _ id: String?, token: String? = nil, types: [String] = ["Opened"]
  ) throws -> CreateRequest {
    var members: [JSONValue.Member] = [
      .init("entityTypeName", "Account"), .init("events", events(types)),
    ]
    if let id { members.append(.init("entityId", .string(id))) }
    if let token { members.append(.init("triggeringEventToken", .string(token))) }
    return try CreateRequest(Array(JSONValue.object(members).text.utf8), space: "default")
  }

  private func events(_ types: [String]) -> JSONValue {
    .array(
      types.map { type in
        ["eventType": .string(type), "eventData": .string("{\"of\":\"\(type)\"}")]
      })
  }

  private func update(
    _ id: String, _ version: String, token: String? = nil, types: [String] = ["Changed"]
  ) async throws -> SavedEntity {
    var members: [JSONValue.Member] = [
      .init("entityVersion", .string(version)), .init("events", events(types)),
    ]
    if let token { members.append(.init("triggeringEventToken", .string(token))) }
    return try await store.update(
      UpdateRequest(Array(JSONValue.object(members).text.utf8), of: try entity(id)))
  }

  private func entity(_ id: String) throws -> EntityName {
    try EntityName(try EntityType("Account", in: nil), id: id)
  }

  private func version(_ saved: SavedEntity) throws -> String {
    guard case .string(let version)? = saved.body["entityVersion"] else {
      throw EventuateFailure.malformed("no entityVersion")
    }
    return version
  }

  private func conflict(
    _ body: () async throws -> Void
  ) async throws -> EventuateFailure.Conflict? {
    do { try await body() } catch let failure as EventuateFailure {
      #expect(failure.status == 409, "\(failure)")
      return failure.conflict
    }
    return nil
  }

  @Test func whatIsCreatedAndUpdatedIsFound() async throws {
    let created = try await create(types: ["Opened", "Named"])
    #expect(EventuateID(created.entityID)?.description == created.entityID)
    let updated = try await update(created.entityID, try version(created))
    let found = try await store.find(entity(created.entityID), nil)
    #expect(found.events.map(\.event.type) == ["Opened", "Named", "Changed"])
    #expect(found.events.map(\.event.data)[0] == "{\"of\":\"Opened\"}")
    let ids = found.events.map { JSONValue.string("\($0.id)") }
    #expect(created.body["eventIds"] == .array(Array(ids[..<2])))
    #expect(updated.body["entityVersion"] == ids[2])
  }

  @Test func anEntityThatIsNotThereHasNoEvents() async throws {
    #expect(try await store.find(entity("nobody"), nil).events.isEmpty)
    #expect(try await store.find(entity("nobody"), nil).body.text == "{\"events\":[]}")
  }

  @Test func aFreeIDAndMetadataAreKept() async throws {
    let body =
      #"{"entityTypeName":"Account","entityId":"custom-1","events":["#
      + #"{"eventType":"A","eventData":"{}"},{"eventType":"B","eventData":"{}","metadata":"{\"k\":1}"}]}"#
    let created = try await store.create(CreateRequest(Array(body.utf8), space: "default"))
    #expect(created.entityID == "custom-1")
    let found = try await store.find(entity("custom-1"), nil)
    #expect(found.events.map(\.event.entityID) == ["custom-1", "custom-1"])
    #expect(found.events.map(\.event.metadata) == [nil, #"{"k":1}"#])
  }

  @Test func aTakenIDIsAConflict() async throws {
    _ = try await create("a")
    #expect(try await conflict { _ = try await create("a") } == .entityExists)
  }

  @Test func aStaleVersionIsAConflict() async throws {
    let created = try await create("a")
    let stale = try version(created)
    _ = try await update("a", stale)
    #expect(try await conflict { _ = try await update("a", stale) } == .optimisticLock)
    #expect(try await conflict { _ = try await update("nobody", "1-0") } == .optimisticLock)
  }

  @Test func anUpdateHappensOnceForAToken() async throws {
    let created = try await create("a")
    let updated = try await update("a", try version(created), token: "t")
    let again = try await conflict {
      _ = try await update("a", try version(updated), token: "t")
    }
    #expect(again == .duplicateEvent)
    let stale = try await conflict { _ = try await update("a", try version(created), token: "t") }
    #expect(stale == .duplicateEvent)
    let found = try await conflict {
      _ = try await store.find(entity("a"), TriggeringToken("t"))
    }
    #expect(found == .duplicateEvent)
    #expect(try await store.find(entity("a"), TriggeringToken("u")).events.count == 2)
  }

  @Test func aTokenThatOnlyLooksTheSameIsAnother() async throws {
    let created = try await create("a")
    _ = try await update("a", try version(created), token: "\u{212A}")
    #expect(try await store.find(entity("a"), TriggeringToken("K")).events.count == 2)
    #expect(TriggeringToken("K") != TriggeringToken("\u{212A}"))
  }

  @Test func aCreateWithATokenHappensOnce() async throws {
    let first = try await create(token: "t")
    #expect(try await create(token: "t") == first)
    #expect(try await create(token: "u") != first)
    #expect(try await create(token: "t", types: ["Other"]).entityID != first.entityID)
  }

  @Test func aTokenOfAnEventIsTheCause() async throws {
    let created = try await create("a")
    let token = TriggeringToken(
      EventReference(cover: try entity("a").cover, sequence: 0),
      for: try SubscriberName("s", in: "default"))
    _ = try await create("b", token: token.text)
    let commit = try #require(
      try await harness.storage.domain("Account").commits(
        of: try entity("b").root, from: .first, limit: .init(count: 1)
      ).first?.commit)
    #expect(commit.origin.causingEvent == token.event)
    #expect(created.entityID == "a")
  }

  @Test func aTooLargeHistoryIsNoAnswer() async throws {
    var store = store
    store.foundBytesMax = 10
    _ = try await create("a")
    await #expect(throws: EventuateFailure.self) { try await store.find(entity("a"), nil) }
  }
}

extension SidecarHarness {
  /// Calls of a client that may do anything.
  var eventuateCalls: EventuateCalls {
    EventuateCalls(backends: eventuateBackends, caller: .anonymous)
  }

  var eventuateBackends: EventuateBackends {
    let (commands, queries) = (commands, queries)
    return EventuateBackends(
      commands: { _ in commands }, queries: { _ in queries }, timeout: .seconds(30))
  }
}
