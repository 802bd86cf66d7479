import Avro
import EventModel
import EventSourcing
import JSON
import MemoryStorage
import Sidecars
import Testing
import Timing
import Wire

/// The registry of schemas, and the rule that it makes.
@Suite(.timeLimit(.minutes(5))) struct SchemaTests {
  private let storage = MemoryStorage()

  private func registry() async throws -> SchemaRegistry {
    SchemaRegistry(of: "bank", in: try await storage.domain(.schemas(of: "bank")))
  }

  private func schema(_ fields: String) throws -> DomainSchema {
    try DomainSchema(text(fields))
  }

  private func text(_ fields: String) -> Bytes {
    Bytes(#"{"type":"record","name":"bank.Paid","fields":[\#(fields)]}"#.utf8)
  }

  private let amount = #"{"name":"amount","type":"long"}"#
  private let note = #"{"name":"note","type":"string","default":""}"#

  /// A payload of the type, in single-object encoding.
  private func paid(_ fields: String, _ json: String) throws -> Payload {
    let schema = try AvroSchema(parsing: text(fields))
    let datum = try schema.datum(JSONValue.parse(Bytes(json.utf8)), as: "bank.Paid")
    let object = SingleObject(try schema.fingerprint(of: "bank.Paid"), datum)
    return Payload(typeURL: "avro/bank.Paid", value: object.bytes)
  }

  @Test func versionsAreNumberedAndKnownAgain() async throws {
    let registry = try await registry()
    let (first, second) = (try schema(amount), try schema("\(amount),\(note)"))
    #expect(try await registry.register(first, .backward).number == 1)
    #expect(try await registry.register(second, .full).number == 2)
    // Blanks make no version, and neither does one that was there before.
    #expect(try await registry.register(DomainSchema(first.bytes + [0x20]), .backward).number == 1)
    let versions = try await registry.versions()
    #expect(versions.map(\.number) == [1, 2])
    #expect(versions.map(\.compatibility) == [.backward, .full])
    #expect(versions.map(\.schema.bytes) == [first.bytes, second.bytes])
    #expect(try await registry.versions(after: 1).map(\.number) == [2])
  }

  @Test func whatDoesNotGoTogetherIsNotRegistered() async throws {
    let registry = try await registry()
    _ = try await registry.register(schema("\(amount),\(note)"), .backward)
    let other = try schema(#"{"name":"amount","type":"string"}"#)
    guard case .incompatible(1, let reasons) = try await registry.register(other, .backward) else {
      Issue.record("it was registered")
      return
    }
    #expect(reasons == ["bank.Paid.amount: expected string, got long"])
    #expect(try await registry.versions().count == 1)
    #expect(try await registry.register(other, .none).number == 2)
  }

  @Test func compatibilityHasADirection() throws {
    let (old, new) = (try schema(amount), try schema(#"\#(amount),{"name":"b","type":"int"}"#))
    #expect(new.reasons(against: old, .backward).count == 1)
    #expect(new.reasons(against: old, .forward).isEmpty)
    #expect(new.reasons(against: old, .full).count == 1)
    #expect(new.reasons(against: old, .none).isEmpty)
    #expect(
      old.reasons(against: new, .forward)
        == [
          "the version before cannot read this: bank.Paid.b: the field has no default, and what "
            + "was written before lacks it"
        ])
  }

  @Test func replicasRegisterOnce() async throws {
    let registry = try await registry()
    let (first, second) = (try schema(amount), try schema("\(amount),\(note)"))
    let numbers = try await withThrowingTaskGroup(of: Int?.self) { group in
      for index in 0..<40 {
        group.addTask { try await registry.register(index % 2 == 0 ? first : second, .full).number }
      }
      return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
    }
    #expect(numbers == [1, 2])
    #expect(try await registry.versions().count == 2)
  }

  @Test func aDamagedVersionIsNamed() async throws {
    let store = try await storage.domain(.schemas(of: "bank"))
    var pages = PageBlock(emptyAt: .first)
    let time = Timestamp(seconds: 0)
    pages.append(
      EventPage(
        sequence: .first, createdAt: time, body: Payload(typeURL: "x/y", value: [1]).pageBody))
    _ = try await store.append(
      Commit(
        cover: Cover(domain: store.domain, root: .nil), id: Environment.live.newCommitID(),
        pages: pages, createdAt: time))
    let registry = try await registry()
    let error = await #expect(throws: EventSourcingError.self) { try await registry.versions() }
    #expect(error?.code == .dataLoss)
    #expect(error?.message.hasPrefix("version 1 of the schema of bank") == true)
  }

  /// Another process registers a version.
  @Test func aRuleLearnsOfNewVersions() async throws {
    let registry = try await registry()
    _ = try await registry.register(schema(amount), .backward)
    let rule = try await SchemaRule(of: "bank", by: registry)
    let newer = try paid("\(amount),\(note)", #"{"amount":1}"#).pageBody
    #expect(try await rule.flaw(ofEvent: newer)?.contains("fingerprint") == true)
    _ = try await registry.register(schema("\(amount),\(note)"), .backward)
    #expect(try await rule.flaw(ofEvent: newer) == nil)
    // What was written by the version before is still taken.
    #expect(try await rule.flaw(ofEvent: try paid(amount, #"{"amount":1}"#).pageBody) == nil)
  }

  @Test func flawsNameTheirPlace() async throws {
    let registry = try await registry()
    _ = try await registry.register(schema(amount), .backward)
    let rule = try await SchemaRule(of: "bank", by: registry)
    let book = Evented.CommandBook(
      cover: Cover(domain: "bank", root: .nil),
      pages: [
        Evented.CommandPage(try paid(amount, #"{"amount":1}"#)),
        Evented.CommandPage(Payload(typeURL: "json/Paid", value: Bytes(#"{"amount":""}"#.utf8))),
      ])
    #expect(
      try await rule.flaw(of: Command(wireBytes: book.wireBytes))
        == #"pages[1].command: Paid: amount: expected long, got string """#)
  }
}

extension SchemaRegistry.Outcome {
  fileprivate var number: Int? {
    switch self {
    case .registered(let number), .known(let number): number
    case .incompatible: nil
    }
  }
}
