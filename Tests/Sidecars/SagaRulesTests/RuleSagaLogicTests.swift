import EventModel
import EventSourcing
import JSON
import Sidecars
import Testing
import Wire

@testable import SagaRules

/// What rules make of events and of the ends of commands.
@Suite(.timeLimit(.minutes(5))) struct RuleSagaLogicTests {
  private struct Sent: Equatable {
    var cover: Cover
    var entity: Name?
    var type: String
    var content: JSONValue
  }

  private static let root = Root("0190163d-8694-739b-aea5-966c26f8ad91")!  // It is a UUID.
  private let order = Cover(domain: "order", root: root)

  private static let reserve = """
    rules:
      - on: Placed
        send: Reserve
        to: stock/{item}
        with: {count: "{count}", order: "{$root}", buyer: "{buyer}"}
    """

  // MARK: Inputs and commands

  private func book(_ content: JSONValue, as type: String = "Placed") throws -> EventBook {
    let payloads = try Shop.payloads(of: "order")
    return book(try payloads.payload(content, as: "order.\(type)"))
  }

  private func book(_ payload: Payload, entity: Name? = nil) -> EventBook {
    var pages = PageBlock(emptyAt: 3)
    pages.append(
      EventPage(
        sequence: 3, createdAt: Timestamp(seconds: 1_772_358_067),
        body: payload.pageBody(of: entity)))
    return EventBook(cover: order, pages: pages)
  }

  private func sent(_ rules: RuleSet, _ input: SagaInput) async throws -> [Sent] {
    let reaction = try await RuleSagaLogic(rules).react(
      to: input, of: "key", state: nil, deadline: .now + .seconds(300))
    #expect(reaction.state == nil && reaction.timers.isEmpty && !reaction.isFinished)
    var sent: [Sent] = []
    for command in reaction.commands {
      let book = try Evented.CommandBook(wireBytes: command.encoded)
      #expect(book.cover == command.cover && book.commandID == nil)
      for page in book.pages {
        let payload = try Payload(wireBytes: page.command)
        let payloads = try Shop.payloads(of: command.cover.domain)
        let type = try #require(payloads.type(of: payload))
        sent.append(
          Sent(
            cover: command.cover, entity: page.entity, type: type,
            content: try await payloads.json(payload, as: type)))
      }
    }
    return sent
  }

  private func sent(_ yaml: String, _ content: JSONValue = Shop.placed) async throws -> [Sent] {
    try await sent(Shop.rules(yaml), .events(try book(content)))
  }

  private func outcome(_ end: CommandEnd, of command: JSONValue) throws -> SagaInput {
    let stock = Cover(domain: "stock", root: try #require(Root(named: "lamp")))
    let payload = try Shop.payloads(of: "stock").payload(command, as: "stock.Reserve")
    let book = Evented.CommandBook(cover: stock, pages: [.init(payload)])
    return .outcome(
      SagaOutcome(
        of: PendingCommand(sequence: 0, index: 0, cover: stock, id: "c"), encoded: book.wireBytes,
        end: end, endedAt: Timestamp(seconds: 1)))
  }

  /// Of the failure that parks an instance.
  private func failure(_ yaml: String, _ book: EventBook) async throws -> String {
    do {
      _ = try await sent(Shop.rules(yaml), .events(book))
      return "it did not fail"
    } catch LogicError.malformed(let message) { return message }
  }

  /// The fields of the one command that was sent.
  private func placed(
    _ fields: String, with content: JSONValue = Shop.placed
  ) async throws -> JSONValue {
    let rule = """
      rules:
        - on: Placed
          send: Reserve
          to: stock/s
          with: {count: "1", order: o, buyer: null, \(fields)}
      """
    return try #require(try await sent(rule, content).first).content
  }

  // MARK: Tests

  @Test func eventBecomesACommand() async throws {
    let sent = try await sent(Self.reserve)
    let content: JSONValue = [
      "count": 2, "order": .string(Self.root.description), "buyer": "Ann", "address": .null,
      "note": "", "tags": [], "labels": [:], "small": 0, "root": .null,
    ]
    #expect(
      sent == [
        Sent(
          cover: Cover(domain: "stock", root: try #require(Root(named: "lamp"))),
          type: "stock.Reserve", content: content)
      ])
  }

  @Test func sameInputGivesTheSameCommands() async throws {
    let rules = try Shop.rules(Self.reserve)
    let input = SagaInput.events(try book(Shop.placed))
    let (first, second) = (
      try await RuleSagaLogic(rules).react(
        to: input, of: "a", state: nil, deadline: .now + .seconds(300)),
      try await RuleSagaLogic(Shop.rules(Self.reserve)).react(
        to: input, of: "b", state: nil, deadline: .now + .seconds(300))
    )
    #expect(first == second)
  }

  @Test func otherEventsAreNoConcern() async throws {
    let rules = try Shop.rules(Self.reserve)
    #expect(try await sent(rules, .events(try book(["why": "x"], as: "Cancel"))).isEmpty)
    let unknown = Payload(typeURL: "type.googleapis.com/other.Thing", value: [1])
    #expect(try await sent(rules, .events(book(unknown))).isEmpty)
    var elsewhere = try book(Shop.placed)
    elsewhere.cover = Cover(domain: "elsewhere", root: Self.root)
    #expect(try await sent(rules, .events(elsewhere)).isEmpty)
  }

  @Test func everyRuleThatFitsSends() async throws {
    let twice =
      Self.reserve + "\n"
      + Self.reserve.split(separator: "\n").dropFirst().joined(separator: "\n")
      .replacing("{item}", with: "again")
    #expect(try await sent(twice).map(\.cover.root) == [Root(named: "lamp"), Root(named: "again")])
  }

  @Test(arguments: [
    ("{kind: SALE}", true), ("{kind: [GIFT, SALE]}", true), ("{kind: GIFT}", false),
    ("{item: lamp, count: 2}", true), ("{item: lamp, count: 3}", false),
    ("{count: {over: 1}}", true), ("{count: {over: 2}}", false), ("{count: {under: 3}}", true),
    ("{count: {over: 1, under: 2}}", false), ("{weight: {over: 0.5}}", true),
    ("{weight: 1}", true), ("{express: true}", true), ("{express: false}", false),
    ("{buyer: Ann}", true), ("{buyer: {present: true}}", true),
    ("{buyer: {present: false}}", false),
    ("{address: {present: true}}", false), ("{address.floor: {present: false}}", true),
    ("{address.city: Ulm}", false), ("{labels.color: red}", true), ("{labels.size: red}", false),
    ("{$domain: order}", true), ("{$sequence: {over: 3}}", false), ("{$sequence: 3}", true),
    ("{$root: 0190163D8694739BAEA5966C26F8AD91}", true), ("{$root: other}", false),
    ("{$entity: {present: false}}", true),
  ])
  func commandIsSentWhereAllConditionsHold(conditions: String, isSent: Bool) async throws {
    let yaml = Self.reserve.replacing("    send:", with: "    where: \(conditions)\n    send:")
    #expect(try await sent(yaml).count == (isSent ? 1 : 0))
  }

  @Test func valuesAreCopiedWhole() async throws {
    var placed = Shop.placed
    placed = placed.with("address", ["order.Address": ["city": "Ulm", "floor": ["int": 3]]])
    let content = try await self.placed(
      #"address: "{address}", tags: "{tags}", labels: "{labels}""#, with: placed)
    #expect(content["address"] == ["city": "Ulm", "floor": 3])
    #expect(content["tags"] == ["x"])
    #expect(content["labels"] == ["color": "red"])
  }

  @Test func valuesAreComposed() async throws {
    let content = try await placed(
      """
      tags: ["{item}", fix, "{count}{kind}{express}"], labels: {a: "{item}"}, \
      address: {city: Ulm, floor: "{count}"}, note: "{{{$time}}} {$domain}/{$sequence}", \
      root: "{$root}"
      """)
    #expect(content["tags"] == ["lamp", "fix", "2SALEtrue"])
    #expect(content["labels"] == ["a": "lamp"])
    #expect(content["address"] == ["city": "Ulm", "floor": 2])
    #expect(content["note"] == "{2026-03-01T09:41:07.000Z} order/3")
    #expect(content["root"] == .string(bytes: Self.root.bytes, .latin))
  }

  @Test func protobufTakesWhatAvroHas() async throws {
    let sent = try await sent(
      """
      rules:
        - on: Placed
          send: Charge
          to: payment/{$root}
          entity: "card:{count}"
          with: {cents: "{cents}", order_root: "{$root}", token: "{token}", buyer: {name: "{buyer}"}}
      """)
    #expect(
      sent == [
        Sent(
          cover: Cover(domain: "payment", root: Self.root), entity: "card:2",
          type: "payment.Charge",
          content: [
            "cents": "500", "orderRoot": .string(base64: Self.root.bytes), "token": "/2E=",
            "buyer": ["name": "Ann"],
          ])
      ])
  }

  @Test func avroTakesWhatProtobufHas() async throws {
    let rules = try Shop.rules(
      """
      rules:
        - on: Charged
          send: Reserve
          to: stock/s
          with: {count: "{cents}", order: "{$root}", buyer: "{buyer.name}"}
      """)
    let payments = try Shop.payloads(of: "payment")
    for (content, count, buyer) in [
      (["cents": 7, "buyer": ["name": "Ann"]] as JSONValue, 7, "Ann" as JSONValue),
      ([:], 0, .null), (["buyer": [:]], 0, ""),
    ] {
      var book = book(try payments.payload(content, as: "payment.Charged"))
      book.cover = Cover(domain: "payment", root: Self.root)
      let sent = try await sent(rules, .events(book))
      #expect(sent.first?.content["count"] == .integer(count))
      #expect(sent.first?.content["buyer"] == buyer)
    }
  }

  @Test func refusalBecomesWhatMakesGoodAgain() async throws {
    let rules = try Shop.rules(
      Self.reserve + """

          - on: Reserve refused
            where: {count: {over: 1}}
            send: Cancel
            to: order/{order}
            with: {why: "{$code}: {$message}"}
        """)
    let command: JSONValue = [
      "count": 2, "order": .string(Self.root.description), "buyer": .null,
    ]
    let refused = CommandEnd.refused(.failedPrecondition, message: "sold out")
    #expect(
      try await sent(rules, outcome(refused, of: command)) == [
        Sent(cover: order, type: "order.Cancel", content: ["why": "FAILED_PRECONDITION: sold out"])
      ])
    #expect(try await sent(rules, outcome(refused, of: command.with("count", 1))).isEmpty)
    for end in [CommandEnd.nothingToDo, .expired, .cancelled] {
      #expect(try await sent(rules, outcome(end, of: command)).isEmpty)
    }
  }

  @Test func payloadOfJSONIsAnEventToo() async throws {
    let payload = Payload(typeURL: "json/Placed", value: Array(Shop.placed.text.utf8))
    let sent = try await sent(Shop.rules(Self.reserve), .events(book(payload)))
    #expect(sent.map { $0.content["count"] } == [2])
  }

  // MARK: What goes wrong

  @Test func missingFieldIsToldWithRuleAndEvent() async throws {
    let yaml = Self.reserve.replacing("{item}", with: "{buyer}")
    let placed = try book(Shop.placed.with("buyer", .null))
    #expect(
      try await failure(yaml, placed)
        == "rules[0] of shop.yaml fails for event 3 of \(order): {buyer} has no value")
    let empty = try book(Shop.placed.with("item", ""))
    #expect(
      try await failure(Self.reserve, empty).hasSuffix("{item} is empty, and names no aggregate"))
  }

  @Test func domainWithoutTheCommandIsToldWithRuleAndEvent() async throws {
    let yaml = Self.reserve.replacing("stock/{item}", with: "'{item}/x'")
    #expect(
      try await failure(yaml, book(Shop.placed)).hasSuffix("it cannot send to the domain \"lamp\""))
  }

  @Test func bytesThatAreNoRootAreRefused() async throws {
    let yaml = Self.reserve.replacing("{item}", with: "{token}")
    #expect(
      try await failure(yaml, book(Shop.placed)).hasSuffix("{token} has 2 bytes; a root has 16"))
  }

  @Test func damagedPayloadIsRefused() async throws {
    var payload = try Shop.payloads(of: "order").payload(Shop.placed, as: "order.Placed")
    payload.value.removeLast()
    let message = try await failure(Self.reserve, book(payload))
    #expect(message.hasPrefix("order.Placed, event 3 of \(order), cannot be read: "))
  }

  // MARK: Other versions of a schema

  /// When `buyer` was always there: what the newer version reads.
  private func older() throws -> (schema: DomainSchema, payload: Payload) {
    let text = Shop.orders.replacing(
      #"{"name": "buyer", "type": ["null", "string"]}"#,
      with: #"{"name": "buyer", "type": "string"}"#)
    let schema = try DomainSchema(Array(text.utf8))
    let payloads = try DomainPayloads(of: "order", by: schema) { _, _ in nil }
    return (
      schema, try payloads.payload(Shop.placed.with("buyer", "Bob"), as: "order.Placed")
    )
  }

  @Test func eventOfAnotherVersionIsReadByThatVersion() async throws {
    let (schema, payload) = try older()
    let rules = try Shop.rules(Self.reserve) { domain, _ in domain == "order" ? schema : nil }
    for _ in 1...2 {
      #expect(
        try await sent(rules, .events(book(payload))).map { $0.content["buyer"] } == ["Bob"])
    }
  }

  @Test func eventOfATypeThatHadAnotherNameIsRead() async throws {
    let text = Shop.orders.replacing(#""name": "Placed""#, with: #""name": "Ordered""#)
    let before = try DomainSchema(Array(text.utf8))
    let payloads = try DomainPayloads(of: "order", by: before) { _, _ in nil }
    let payload = try payloads.payload(Shop.placed, as: "order.Ordered")
    let renamed = Shop.orders.replacing(
      #""name": "Placed""#, with: #""name": "Placed", "aliases": ["Ordered"]"#)
    let rules = try Shop.rules(Self.reserve, orders: renamed) { _, _ in before }
    #expect(try await sent(rules, .events(book(payload))).map { $0.content["count"] } == [2])
  }

  @Test func versionsThatCannotBeAskedForAreWaitedFor() async throws {
    let (_, payload) = try older()
    let away = try Shop.rules(Self.reserve) { _, _ in throw Away() }
    do {
      _ = try await sent(away, .events(book(payload)))
      Issue.record("it was read")
    } catch LogicError.unavailable(let message) { #expect(message.contains("away")) }
    #expect(
      try await failure(Self.reserve, book(payload)).contains(
        "no version of the schema of order has the fingerprint"))
  }

  private struct Away: Error, CustomStringConvertible { let description = "away" }
}

extension JSONValue {
  /// The same object with another value of a member.
  fileprivate func with(_ name: String, _ value: JSONValue) -> JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.map { $0.name == name ? .init(name, value) : $0 })
  }
}
