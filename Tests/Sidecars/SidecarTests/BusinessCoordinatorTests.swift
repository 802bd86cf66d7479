import EventModel
import OutriderTesting
import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct BusinessCoordinatorTests {
  /// Answers with the text of the command as an event.
  private let echo = SidecarHarness { request in
    let command = content(2, of: request)[0]
    let text = content(2, of: content(3, of: content(2, of: command)[0])[0])[0]
    return eventBook(nil, page(String(decoding: text, as: UTF8.self)))
  }

  @Test func aCommandIsAnsweredWithItsEvents() async throws {
    let first = try await echo.send(commandBook(root(1), "a"))
    let second = try await echo.send(commandBook(root(1), "b"))
    #expect(texts(content(1, of: first)[0]) == ["a"])
    #expect(texts(content(1, of: second)[0]) == ["b"])
    #expect(numbers(content(1, of: second)[0]) == [1])
  }

  @Test func theLogicGetsThePastAndTheCommandAsItWasSent() async throws {
    let unknown = field(200, "kept")
    let harness = SidecarHarness { request in
      let events = content(1, of: request)[0]
      let command = content(2, of: request)[0]
      #expect(content(1, of: events) == [cover(root(1))])
      #expect(content(200, of: command) == [Bytes("kept".utf8)])
      return eventBook(nil, page("\(texts(events))"))
    }
    _ = try await harness.send(commandBook(root(1), "x") + unknown)
    let answer = try await harness.send(commandBook(root(1), "x") + unknown)
    #expect(texts(content(1, of: answer)[0]) == [#"["[]"]"#])
  }

  @Test func theAnswerSaysWhereItsEventsStandInTheLog() async throws {
    _ = try await echo.send(commandBook(root(2), "a"))
    let second = try await echo.send(commandBook(root(1), "b", id: "x"))
    #expect(content(18, of: second) == [field(2, 2)])
    #expect(
      content(18, of: try await echo.send(commandBook(root(1), "b", id: "x"))) == [field(2, 2)])
    let idle = SidecarHarness { _ in [] }
    #expect(content(18, of: try await idle.send(commandBook(root(1), "a"))).isEmpty)
  }

  @Test func aSynchronousCommandPageBringsTheProjection() async throws {
    let harness = SidecarHarness(
      projector: { book in field(4, any("\(texts(book).count) events")) },
      logic: { _ in eventBook(nil, page("a"), page("b")) })
    let pages = field(2, field(3, any("x"))) + field(2, field(2, 1) + field(3, any("y")))
    let answer = try await harness.send(field(1, cover(root(1))) + pages)
    #expect(content(4, of: content(3, of: answer)[0]) == [any("2 events")])
  }

  @Test(arguments: [RPCStatus.Code.resourceExhausted, .outOfRange])
  func aHistoryThatIsTooLongForTheLogicIsSaidToBe(code: RPCStatus.Code) async throws {
    let harness = SidecarHarness { request in
      if request.count > 200_000 { throw RPCStatus(code, "Received message larger than max") }
      return eventBook(nil, page(String(repeating: "x", count: 90_000)))
    }
    for _ in 0..<3 { _ = try await harness.send(commandBook(root(1), "x")) }
    let status = await #expect(throws: RPCStatus.self) {
      try await harness.send(commandBook(root(1), "x"))
    }
    #expect(status?.code == code)
    let message = status?.message ?? ""
    for part in [
      "Received message larger than max", "bank/\(root(1))", "3 events", "27", "snapshots",
      "logic.style", "message limit",
    ] {
      #expect(message.contains(part), "\(message)")
    }
  }

  @Test func aSmallRequestsRefusalIsNeverAboutItsSize() async throws {
    let refusal = RPCStatus(.resourceExhausted, "the quota is used up")
    let harness = SidecarHarness { _ in throw refusal }
    await #expect(throws: refusal) { try await harness.send(commandBook(root(1), "x")) }
  }

  @Test func aKnownCommandIdIsSaidToBeHandledAlready() async throws {
    let first = try await echo.send(commandBook(root(1), "a", id: "x"))
    let again = try await echo.send(commandBook(root(1), "b", id: "x"))
    #expect(value(17, of: first) == nil)
    #expect(value(17, of: again) == 1)
    #expect(content(1, of: again) == content(1, of: first))
  }

  @Test func factsAreRecordedWithoutTheLogic() async throws {
    let harness = SidecarHarness { _ in throw RPCStatus(.internal, "nobody asked") }
    let book = eventBook(cover(root(1)), page("a", num: 0), page("b", num: 1))
    let answer = try await harness.record(book)
    #expect(numbers(content(1, of: answer)[0]) == [0, 1])
  }

  @Test func synchronousPagesBringTheirProjection() async throws {
    let harness = SidecarHarness(
      projector: { book in field(4, any("\(texts(book).count) events")) },
      logic: { _ in eventBook(nil, page("a", synchronous: true)) })
    let answer = try await harness.send(commandBook(root(1), "x"))
    let projection = content(3, of: answer)[0]
    #expect(content(1, of: projection) == [cover(root(1))])
    #expect(content(2, of: projection) == [Bytes("p".utf8)])
    #expect(content(4, of: projection) == [any("1 events")])
  }

  @Test func aFailingProjectorIsReportedAndTheCommandSucceeds() async throws {
    let harness = SidecarHarness(
      projector: { _ in throw RPCStatus(.failedPrecondition, "no") },
      logic: { _ in eventBook(nil, page("a", synchronous: true)) })
    let answer = try await harness.send(commandBook(root(1), "x"))
    #expect(texts(content(1, of: answer)[0]) == ["a"])
    let failure = content(16, of: answer)[0]
    #expect(value(2, of: failure) == 9)
    #expect(content(3, of: failure) == [Bytes("no".utf8)])
  }

  // MARK: What goes in badly

  @Test(arguments: [
    (Bytes([0xFF, 0xFF]), "evented.CommandBook"),
    (Bytes(), "cover"),
    (field(2, field(3, any("x"))), "cover"),
    (field(1, field(1, field(1, Bytes([1, 2, 3]))) + field(2, "bank")), "cover.root.value"),
    (field(1, field(1, field(1, root(1).bytes))), "cover.domain"),
    (field(1, cover(root(1))), "pages"),
    (field(1, cover(root(1))) + field(2, field(1, 1)), "pages[0].command"),
    (
      commandBook(root(1), "x") + field(18, field(1, field(1, field(1, Bytes([1]))))),
      "cause.cover.root.value"
    ),
  ])
  func aBadCommandIsInvalidWithTheNameOfTheField(request: Bytes, name: String) async throws {
    let status = await #expect(throws: RPCStatus.self) { try await echo.send(request) }
    #expect(status?.code == .invalidArgument)
    #expect(status?.message.contains(name) == true, "\(String(describing: status))")
  }

  @Test(arguments: [
    Bytes("$saga.orders".utf8), Bytes("$".utf8), Bytes(repeating: 0x61, count: 256),
    Bytes([0x61, 0]), Bytes([0xC3]), Bytes(),
  ])
  func aBadDomainIsInvalidBeforeAnythingIsTouched(name: Bytes) async throws {
    let harness = SidecarHarness(domains: nil) { _ in
      Issue.record("the logic is asked")
      return []
    }
    let named = field(1, field(1, root(1).bytes)) + field(2, name)
    let sent = await #expect(throws: RPCStatus.self) {
      try await harness.send(field(1, named) + field(2, field(3, any("x"))))
    }
    let recorded = await #expect(throws: RPCStatus.self) {
      try await harness.record(eventBook(named, page("a")))
    }
    for status in [sent, recorded] {
      #expect(status?.code == .invalidArgument)
      #expect(status?.message.contains("cover.domain") == true, "\(String(describing: status))")
    }
    #expect(try await harness.storage.domains().isEmpty)
  }

  @Test(arguments: [
    (eventBook(nil, page("a")), "cover"),
    (eventBook(cover(root(1))), "pages"),
    (eventBook(cover(root(1)), field(1, 0)), "pages[0]"),
    (eventBook(cover(root(1)), page("a", num: 0), page("b", num: 5)), "pages[1].num"),
  ])
  func badFactsAreInvalidWithTheNameOfTheField(request: Bytes, name: String) async throws {
    let status = await #expect(throws: RPCStatus.self) { try await echo.record(request) }
    #expect(status?.code == .invalidArgument)
    #expect(status?.message.contains(name) == true, "\(String(describing: status))")
  }

  @Test func anotherDomainIsNotFound() async throws {
    let command = field(1, cover(root(1), "shop")) + field(2, field(3, any("x")))
    let status = await #expect(throws: RPCStatus.self) { try await echo.send(command) }
    #expect(status?.code == .notFound)
    #expect(status?.message.contains("bank") == true)
  }

  @Test func aRefusalOfTheLogicComesThroughAsItIs() async throws {
    let refusal = RPCStatus(
      .failedPrecondition, "the balance is too low", metadata: ["detail": "7"])
    let harness = SidecarHarness { _ in throw refusal }
    await #expect(throws: refusal) { try await harness.send(commandBook(root(1), "x")) }
  }

  @Test(arguments: [Bytes([0xFF, 0xFF, 0xFF]), eventBook(cover(root(2)), page("a"))])
  func aWrongAnswerOfTheLogicIsInternalAndStoresNothing(answer: Bytes) async throws {
    let harness = SidecarHarness { _ in answer }
    let status = await #expect(throws: RPCStatus.self) {
      try await harness.send(commandBook(root(1), "x"))
    }
    #expect(status?.code == .internal)
    #expect(status?.message.contains("business logic") == true)
    #expect(try await harness.storage.domain("bank").next(of: root(1)) == 0)
  }
}
