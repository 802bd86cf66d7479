import EventModel
import Testing
import Wire

/// The messages of sagas, both ways, against bytes that another implementation wrote.
@Suite struct SagaTests {
  private let pending = PendingCommand(sequence: 3, index: 1, cover: Samples.cover, id: "c1")
  private let timer = SagaTimer(name: "patience", due: Samples.time, setBy: 3, index: 2)
  private let span = EventSpan(first: 7, count: 2)

  private func expect<Value: WireDecodable & WireEncodable & Equatable>(
    _ bytes: Bytes, _ value: Value, at place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Value(wireBytes: bytes) == value, sourceLocation: place)
    #expect(try Value(wireBytes: value.wireBytes) == value, sourceLocation: place)
    // The order of fields is free.
    #expect(value.wireBytes.sorted() == bytes.sorted(), sourceLocation: place)
  }

  private func command(id: String? = nil) -> Bytes {
    Evented.CommandBook(
      cover: Samples.cover, pages: [Evented.CommandPage(Samples.payload("Open"))], commandID: id
    ).wireBytes
  }

  private var events: EventBook {
    var book = EventBook(cover: Samples.cover, pages: Samples.pages(0..<1))
    book.position = Samples.position
    return book
  }

  @Test func steps() throws {
    try expect(
      SagaGolden.stepOnEvents,
      SagaStep(
        trigger: .events(Samples.cover, span),
        commands: [SagaCommand(cover: Samples.cover, encoded: command())], queued: [0],
        timers: [timer], cancelledTimers: [timer], depth: 2))
    try expect(
      SagaGolden.stepOnOutcome,
      SagaStep(
        trigger: .outcome(pending, .appended(span, Samples.position), endedAt: Samples.time),
        isFinished: true))
    try expect(SagaGolden.stepOnTimer, SagaStep(trigger: .timer(timer)))
  }

  @Test func whatIsKeptKnowsItsPlace() throws {
    let end = CommandEnd.refused(.failedPrecondition, message: "no")
    try expect(
      SagaGolden.stepThatKeeps,
      SagaStep(
        trigger: .outcome(pending, end, endedAt: Samples.time),
        waiting: .outcome(
          SagaOutcome(
            of: pending, encoded: command(id: "c1"), end: end, endedAt: Samples.time))))
  }

  @Test func states() throws {
    try expect(
      SagaGolden.state,
      SagaState(
        key: "k1", state: Samples.payload("Transfer").wireBytes, pending: [pending],
        timers: [timer], waitingUntil: 8, startedAt: Samples.time))
  }

  @Test func inputs() throws {
    try expect(
      SagaGolden.inputOfEvents,
      OutriderV1.SagaInput(
        saga: "ship", key: "k1", state: Samples.payload("Transfer").wireBytes,
        input: .events(events)))
    try expect(
      SagaGolden.inputOfOutcome,
      OutriderV1.SagaInput(
        saga: "ship", key: "k1",
        input: .outcome(
          SagaOutcome(
            of: PendingCommand(sequence: 0, index: 0, cover: Samples.cover, id: "c1"),
            encoded: command(id: "c1"),
            end: .appended(EventSpan(first: 0, count: 1), Samples.position), events: events,
            endedAt: Samples.time))))
    try expect(
      SagaGolden.inputOfTimer,
      OutriderV1.SagaInput(
        saga: "ship", key: "k1",
        input: .timer(SagaTimer(name: "patience", due: Samples.time, setBy: 0, index: 0))))
  }

  @Test func aReactionHasNoIDOfTheLogicsOwn() throws {
    let now = Timestamp(seconds: 10)
    let reaction = try SagaReaction(wireBytes: SagaGolden.reaction, now: now)
    #expect(reaction.commands == [SagaCommand(cover: Samples.cover, encoded: command())])
    #expect(reaction.state == Samples.payload("Transfer").wireBytes)
    #expect(reaction.timers.map(\.name) == ["patience", "late"])
    #expect(reaction.timers.map(\.due) == [now.advanced(by: .milliseconds(1500)), Samples.time])
    #expect(reaction.cancelledTimers == ["old"])
    #expect(reaction.isFinished)
  }

  @Test func whatTheLogicAnswersIsRead() throws {
    let now = Samples.time
    var answer = OutriderV1.SagaAnswer()
    answer.commands = [
      Evented.CommandBook(
        cover: Samples.cover, pages: [Evented.CommandPage(Samples.payload("Open"))], expected: 3)
    ]
    answer.state = Samples.payload("Transfer").wireBytes
    answer.timers = [
      .init(name: "patience", after: .milliseconds(1500)), .init(name: "now", after: .zero),
      .init(name: "past", after: .milliseconds(-1500)),
    ]
    answer.cancelledTimers = ["old"]
    answer.isFinished = true
    let reaction = try SagaReaction(wireBytes: answer.wireBytes, now: now)
    #expect(
      reaction
        == SagaReaction(
          commands: [SagaCommand(cover: Samples.cover, encoded: answer.commands[0].wireBytes)],
          state: answer.state,
          timers: [
            ("patience", now.advanced(by: .milliseconds(1500))), ("now", now), ("past", now),
          ], cancelledTimers: ["old"], isFinished: true))
    #expect(
      try SagaReaction(wireBytes: OutriderV1.SagaAnswer().wireBytes, now: now) == SagaReaction())
  }

  @Test func aCommandIsSentWithItsIDAndCause() throws {
    let cause = Evented.Cause(cover: Samples.cover, sequence: 4, depth: 3)
    let sent = try Command(
      wireBytes: SagaCommand(cover: Samples.cover, encoded: command()).complete(
        id: "derived", because: cause, correlation: "k1"))
    #expect(sent.id == "derived")
    #expect(sent.origin.correlation == "k1")
    #expect(try Evented.Cause(in: sent.origin) == cause)
  }

  @Test func aCorrelationOfTheSagasOwnStands() throws {
    let book = Evented.CommandBook(
      cover: Samples.cover, pages: [Evented.CommandPage(Samples.payload("Open"))],
      origin: Origin(correlation: "own"))
    let sent = try Command(
      wireBytes: SagaCommand(cover: Samples.cover, encoded: book.wireBytes).complete(
        id: "derived", because: Evented.Cause(cover: Samples.cover), correlation: "k1"))
    #expect(sent.origin.correlation == "own")
  }

  @Test(
    arguments: [
      ([0x0A, 0x00], "commands[0].cover is missing"), ([0x1A, 0x00], "timers[0].name is missing"),
      ([0x1A, 0x03, 0x0A, 0x01, 0x78], "timers[0].after is missing"),
    ] as [(Bytes, String)])
  func whatIsNoReactionIsNamed(bytes: Bytes, message: String) {
    do {
      _ = try SagaReaction(wireBytes: bytes, now: Samples.time)
      Issue.record("it was read")
    } catch { #expect("\(error)" == message) }
  }
}
