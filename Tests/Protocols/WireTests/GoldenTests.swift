import EventModel
import Testing
import Wire

/// Both directions against bytes that another implementation wrote.
@Suite struct GoldenTests {
  private func expect<Value: WireDecodable & WireEncodable & Equatable>(
    _ bytes: Bytes, _ value: Value, at place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Value(wireBytes: bytes) == value, sourceLocation: place)
    #expect(value.wireBytes == bytes, sourceLocation: place)
  }

  @Test func commandBooks() throws {
    try expect(Golden.commandBook, Samples.commandBook)
    try expect(Golden.commandBookForNew, Samples.commandBookForNew)
  }

  @Test func aCommandKeepsItsBytes() throws {
    let command = try Command(wireBytes: Golden.commandBook)
    #expect(command.cover == Samples.cover)
    #expect(command.id == "c1")
    #expect(command.expected == 3)
    #expect(command.origin == Samples.origin)
    #expect(command.wireBytes == Golden.commandBook)
  }

  @Test func nothingExpectedDiffersFromNothingThere() throws {
    #expect(try Command(wireBytes: Golden.commandBookForNew).expected == 0)
    var book = Samples.commandBookForNew
    book.expected = nil
    #expect(try Command(wireBytes: book.wireBytes).expected == nil)
  }

  @Test func eventBooks() throws {
    try expect(Golden.eventBook, Samples.eventBook)
    try expect(
      Golden.projectorRequest,
      Evented.ProjectorRequest(
        book: EventBook(cover: Samples.cover, pages: Samples.pages(0..<1)),
        previous: Projection(
          projector: "balance", cover: Samples.cover, sequence: 0,
          value: Samples.payload("Balance").wireBytes)))
    #expect(
      try Evented.CoordinatedProjection(wireBytes: Golden.projectorRequest)
        == Evented.CoordinatedProjection(
          book: EventBook(cover: Samples.cover, pages: Samples.pages(0..<1)),
          projector: "balance"))
    let unnamed = Evented.CoordinatedProjection(
      book: EventBook(cover: Samples.cover, pages: Samples.pages(0..<1)), projector: nil)
    #expect(try Evented.CoordinatedProjection(wireBytes: unnamed.wireBytes) == unnamed)
  }

  /// The order of a page's fields is free: here `synchronous` comes before the event.
  @Test func aSynchronousPageIsTheSameButForItsOrder() throws {
    let book = EventBook(
      cover: Samples.cover, pages: Samples.pages(5..<6, synchronous: true),
      snapshot: Snapshot(sequence: 4, state: Samples.payload("Account").wireBytes))
    #expect(try EventBook(wireBytes: Golden.eventBookWithSnapshot) == book)
    #expect(try EventBook(wireBytes: book.wireBytes) == book)
    #expect(book.wireBytes.count == Golden.eventBookWithSnapshot.count)
    #expect(book.wireBytes.sorted() == Golden.eventBookWithSnapshot.sorted())
  }

  @Test func proposedBooks() throws {
    let body = Samples.payload("Opened").pageBody
    let book = ProposedBook(
      cover: nil, snapshot: Snapshot(sequence: 2, state: Samples.payload("Account").wireBytes),
      pages: [
        ProposedPage(body: body), ProposedPage(body: body),
        ProposedPage(number: .exactly(0), createdAt: Samples.time, body: body),
      ])
    #expect(try ProposedBook(wireBytes: Golden.proposedBook) == book)
    #expect(try ProposedBook(wireBytes: book.wireBytes) == book)

    let facts = ProposedBook(
      cover: Samples.cover, pages: [ProposedPage(number: .exactly(4), body: body)],
      commandID: "r1", expected: 4)
    try expect(Golden.recordRequest, facts)
    #expect(try ProposedBook(recordRequest: Golden.recordRequest) == facts)
  }

  @Test func contextualCommands() throws {
    let known = try Evented.ContextualCommand(wireBytes: Golden.contextualCommand)
    #expect(
      known.aggregate
        == Aggregate(
          cover: Samples.cover,
          snapshot: Snapshot(sequence: 1, state: Samples.payload("Account").wireBytes),
          pages: Samples.pages(2..<4)))
    #expect(known.command.encoded == Golden.commandBook)
    #expect(known.wireBytes == Golden.contextualCommand)

    let new = try Evented.ContextualCommand(wireBytes: Golden.contextualCommandForNew)
    #expect(new.aggregate == Aggregate(cover: Samples.cover))
    #expect(new.wireBytes == Golden.contextualCommandForNew)
  }

  @Test func projections() throws {
    try expect(Golden.projection, Samples.projection)
    try expect(
      Golden.projectorAnswer,
      Evented.ProjectorAnswer(value: Samples.payload("Balance").wireBytes))
  }

  @Test func responses() throws {
    try expect(
      Golden.synchronousProcessingResponse,
      Evented.SynchronousProcessingResponse(
        books: [Samples.eventBook], projections: [Samples.projection],
        failures: [
          Evented.ProcessorFailure(
            processor: "audit", statusCode: .unavailable, message: "away", cover: Samples.cover)
        ], alreadyHandled: true, position: Samples.position))
  }

  @Test func questions() throws {
    try expect(Golden.query, Evented.Query(cover: Samples.cover, lower: 3, upper: 5))
    try expect(Golden.aggregateRoot, Evented.AggregateRoot(Samples.cover))
  }

  @Test func storedProjections() throws {
    try expect(Golden.projectionRecord, Samples.record)
    try expect(
      Golden.getProjectionRequest,
      OutriderV1.GetProjectionRequest(
        projector: "balance", cover: Samples.cover, atLeast: Samples.position))
    try expect(
      Golden.listProjectionsRequest,
      OutriderV1.ListProjectionsRequest(
        projector: "balance", domain: "bank", page: OutriderV1.Page(size: 10, token: [1, 2]),
        atLeast: Samples.position))
    try expect(
      Golden.listProjectionsResponse,
      OutriderV1.ListProjectionsResponse(
        records: [Samples.record, Samples.record], nextPage: [3]))
    try expect(
      Golden.watchProjectionsRequest,
      OutriderV1.WatchProjectionsRequest(
        projector: "balance", domain: "bank",
        roots: [Samples.cover.root, Root(Bytes(repeating: 255, count: 16))!],
        atLeast: Samples.position))
  }

  @Test func traces() throws {
    try expect(
      Golden.traceRequest,
      OutriderV1.TraceRequest(
        start: .event(EventReference(cover: Samples.cover, sequence: 300)), isBackwardOnly: true,
        limit: 50))
    try expect(
      Golden.traceRequestForCommand, OutriderV1.TraceRequest(start: .commandID("c1")))
    try expect(
      Golden.traceRequestForCorrelation, OutriderV1.TraceRequest(start: .correlation("k1")))
    try expect(
      Golden.traceNode,
      OutriderV1.TraceNode(
        number: 2, parent: 1, cover: Samples.cover, first: 300, count: 2,
        eventTypes: ["bank.Opened", "bank.Deposited"], commandID: "c1", correlation: "k1",
        position: Samples.position, recordedAt: Samples.time, causeSequence: 7, isStart: true,
        isTruncated: true))
    try expect(
      Golden.traceRoot,
      OutriderV1.TraceNode(
        number: 1, cover: Samples.cover, first: 0, count: 1, eventTypes: ["bank.Opened"],
        commandID: "c1", correlation: "c1", position: Position(number: 1),
        recordedAt: Samples.time))
  }

  @Test func log() throws {
    try expect(
      Golden.readLogRequest,
      OutriderV1.ReadLogRequest(
        domain: "bank", after: Position(partition: 2, number: 300), follow: true, limit: 50))
    try expect(
      Golden.logEntry,
      OutriderV1.LogEntry(
        position: Position(partition: 2, number: 301),
        content: .commit(
          Samples.eventBook, id: CommitID(Bytes(repeating: 9, count: 16))!, historyFrom: 3)))
    try expect(
      Golden.logTombstone,
      OutriderV1.LogEntry(position: Position(number: 7), content: .tombstone))
    try expect(Golden.headRequest, OutriderV1.HeadRequest(domain: "bank"))
    try expect(
      Golden.headResponse,
      OutriderV1.HeadResponse(positions: [
        Position(number: 9), Position(partition: 1, number: 0),
      ]))
  }

  @Test func parkedAggregates() throws {
    try expect(
      Golden.listParkedRequest,
      OutriderV1.ListParkedRequest(
        subscription: "balance", domain: "bank", page: OutriderV1.Page(size: 2, token: [1])))
    try expect(
      Golden.listParkedResponse,
      OutriderV1.ListParkedResponse(parked: [Samples.parked], nextPage: [2]))
    try expect(
      Golden.retryParkedRequest,
      OutriderV1.RetryParkedRequest(subscription: "balance", cover: Samples.cover))
    try expect(
      Golden.skipParkedRequest,
      OutriderV1.SkipParkedRequest(subscription: "balance", cover: Samples.cover, through: 5))
    try expect(Golden.parkedOutcome, OutriderV1.ParkedOutcome(stillParked: Samples.parked))
  }

  @Test func rebuilds() throws {
    let target = OutriderV1.RebuildTarget(projector: "balance", domain: "bank")
    try expect(Golden.rebuildTarget, target)
    try expect(
      Golden.startRebuildRequest, OutriderV1.StartRebuildRequest(target, eventsPerSecond: 300))
    try expect(
      Golden.switchRebuildRequest, OutriderV1.SwitchRebuildRequest(target, evenIfParked: true))
    try expect(Golden.dropRebuildRequest, OutriderV1.DropRebuildRequest(target, generation: 2))
    try expect(
      Golden.rebuildState,
      OutriderV1.RebuildState(
        target,
        generations: [
          .init(
            number: 1, role: .live, subscription: "balance",
            checkpoints: [Position(partition: 1, number: 300)], parked: 0),
          .init(
            number: 2, role: .candidate, subscription: "balance/2",
            checkpoints: [Position(partition: 1, number: 5)], parked: 3, eventsPerSecond: 100),
        ], heads: [Position(partition: 1, number: 301)]))
    try expect(
      Golden.verifyProgress,
      OutriderV1.VerifyProgress(
        equal: 300,
        difference: .init(
          root: Samples.cover.root, live: Samples.projection, candidate: nil)))
  }

  @Test func deadLetters() throws {
    try expect(Golden.deadLetter, Samples.deadLetter)
    try expect(
      Golden.getDeadLetterRequest,
      OutriderV1.GetDeadLetterRequest(id: "5c0e", subscription: "balance", domain: "bank"))
    try expect(
      Golden.listDeadLettersRequest,
      OutriderV1.ListDeadLettersRequest(subscription: "balance", domain: "bank", limit: 2))
    var listed = Samples.deadLetter
    (listed.headers, listed.body) = ([], [])
    try expect(
      Golden.listDeadLettersResponse,
      OutriderV1.ListDeadLettersResponse(letters: [listed], hasMore: true))
    try expect(
      Golden.settleDeadLettersRequest,
      OutriderV1.SettleDeadLettersRequest(ids: ["a", "b"], domain: "bank"))
    try expect(
      Golden.settleAllDeadLettersRequest,
      OutriderV1.SettleDeadLettersRequest(ids: [], subscription: "balance"))
    try expect(
      Golden.settleDeadLettersResponse,
      OutriderV1.SettleDeadLettersResponse(count: 1, missing: ["b"]))
  }

  @Test func subscriptions() throws {
    try expect(
      Golden.subscribeRequest,
      OutriderV1.SubscribeRequest(
        begin: OutriderV1.SubscriptionBegin(
          name: "mailer", domains: ["bank", "shop"], eventTypes: ["bank.Opened"], start: .head,
          lanes: 8, window: 300)))
    try expect(
      Golden.acknowledgements,
      OutriderV1.SubscribeRequest(acknowledgements: [
        .init(domain: "bank", position: Samples.position, lane: 3),
        .init(domain: "bank", position: Position(number: 7)),
      ]))
    try expect(
      Golden.listSubscriptionsRequest,
      OutriderV1.ListSubscriptionsRequest(domain: "bank", page: .init(size: 2, token: [1])))
    try expect(
      Golden.listSubscriptionsResponse,
      OutriderV1.ListSubscriptionsResponse(
        subscriptions: [
          .init(
            name: "mailer", domain: "bank", lanes: 2, createdAt: Samples.time,
            progress: [
              .init(partition: 0, lane: 0, checkpoint: 5, head: 300),
              .init(partition: 0, lane: 1, checkpoint: 300, head: 300),
            ])
        ], nextPage: [2]))
    try expect(
      Golden.deleteSubscriptionRequest,
      OutriderV1.DeleteSubscriptionRequest(name: "mailer", domain: "bank"))
    try expect(
      Golden.seekSubscriptionRequest,
      OutriderV1.SeekSubscriptionRequest(
        name: "mailer", domain: "bank", start: .head, after: [Samples.position], lanes: 4))
  }

  @Test func deliveries() throws {
    try expect(
      Golden.subscriptionDelivery,
      OutriderV1.SubscribeResponse.delivery(
        .init(
          domain: "bank", position: Samples.position, lane: 3,
          content: .commit(Samples.eventBook, id: CommitID(Bytes(repeating: 9, count: 16))!))))
    try expect(
      Golden.damagedDelivery,
      OutriderV1.SubscribeResponse.delivery(
        .init(domain: "bank", position: Position(number: 7), lane: 0, content: .damage("torn"))))
    try expect(
      Golden.laneAssignment,
      OutriderV1.SubscribeResponse.assignment(
        .init(domain: "bank", partition: 2, lane: 3, isHeld: true, checkpoint: 300)))
  }

  @Test func statuses() throws {
    var status = OutriderV1.ProcessStatus(
      process: "p1", version: "1.2.3", now: Samples.time, startedAt: Samples.time)
    status.roles = [.init(role: "projector", address: "127.0.0.1:1315", isServing: true)]
    status.store.kind = "mongodb"
    status.store.place = "mongodb://h/shop"
    status.store.isReachable = true
    status.store.error = "e"
    status.store.latency = .microseconds(300)
    status.store.takesCommits = true
    status.store.space = .init(free: 5, total: 7)
    status.store.clock = .init(offset: .microseconds(-9), error: .microseconds(1))
    var logic = OutriderV1.LogicStatus(address: "127.0.0.1:1738", purpose: "balance")
    (logic.isReachable, logic.isSlow, logic.error) = (true, true, "e")
    logic.latency = .microseconds(300)
    status.logic = [logic]
    status.broker = .init(name: "rabbitmq:x", place: "amqp://h/")
    var follower = OutriderV1.FollowerStatus(
      kind: .projector, name: "balance", domain: "bank", partition: 2)
    (follower.checkpoint, follower.head, follower.lag) = (5, 300, .milliseconds(1500))
    follower.lease = .init(holder: "p1", since: Samples.time, changes: 3, changesLately: 2)
    (follower.parked, follower.firstParked) = (1, Samples.parked)
    (follower.refused, follower.circuitIsOpen) = ([Samples.parked], true)
    follower.channelFailure = .init(.unroutable, "no queue")
    (follower.setAside, follower.setAsideAt, follower.error) = (4, Samples.time, "e")
    follower.deadLetters = 5
    follower.timers = .init(set: 300, due: 2)
    status.followers = [follower]
    status.certificates = [
      .init(purpose: "certificate", file: "a.pem", expiresAt: Samples.time, error: "e")
    ]
    status.histories = [.init(domain: "bank", root: "r", events: 300, bytes: 1 << 20)]
    status.findings = [.init(.failing, code: "lag", what: "w", place: "h", action: "a")]
    status.domainsLeftOut = 2
    try expect(Golden.processStatus, status)
  }

  @Test func outcomes() throws {
    var events = EventBook(cover: Samples.cover, pages: Samples.pages(0..<2), commandID: "c1")
    events.position = Samples.position
    try expect(
      Golden.appendedOutcome,
      OutriderV1.CommandOutcome(
        Samples.dispatched, end: .appended(EventSpan(first: 0, count: 2), Samples.position),
        events: events, endedAt: Samples.time))
    try expect(Golden.refusedOutcome, Samples.refused)
  }

  @Test func dispatchedCommands() throws {
    let reference = CommandReference(cover: Samples.cover, commandID: "c1")
    let time = Samples.time
    try expect(
      Golden.dispatchRequest,
      OutriderV1.DispatchRequest(
        DispatchedCommand(Samples.command, notBefore: time, expiresAt: time)))
    try expect(Golden.commandReference, reference)
    try expect(
      Golden.dispatchReceipt, OutriderV1.DispatchReceipt(reference, alreadyDispatched: true))
    try expect(
      Golden.commandStatus,
      OutriderV1.CommandStatus(
        Samples.refused, dispatchedAt: time, notBefore: time, expiresAt: time))
    try expect(
      Golden.listCommandsRequest,
      OutriderV1.ListCommandsRequest(domain: "bank", page: .init(size: 2, token: [1])))
    try expect(
      Golden.listCommandsResponse,
      OutriderV1.ListCommandsResponse(
        commands: [.init(.init(Samples.dispatched), dispatchedAt: time)], nextPage: [2]))
    try expect(Golden.watchCommandsRequest, OutriderV1.WatchCommandsRequest(domain: "bank"))
    try expect(
      Golden.dispatchedCommand,
      DispatchedCommand(Samples.dispatched, notBefore: time, expiresAt: time))
    try expect(Golden.dueCommand, DueCommand(commandID: "c1", dispatched: 3))
    try expect(
      Golden.endedCommand,
      EndedCommand(
        commandID: "c1", .appended(EventSpan(first: 5, count: 2), Samples.position), dispatched: 3))
    try expect(
      Golden.refusedCommand,
      EndedCommand(commandID: "c1", .refused(.failedPrecondition, message: "no"), dispatched: 3))
  }

  @Test func health() throws {
    try expect(
      Golden.healthCheckRequest, GRPCHealthV1.HealthCheckRequest(service: "evented.EventQuery"))
    try expect(Golden.healthCheckResponse, GRPCHealthV1.HealthCheckResponse(.notServing))
  }

  @Test func payloads() throws {
    try expect(Golden.any, Samples.payload("Opened"))
    #expect(try Payload(pageBody: Samples.payload("Opened").pageBody) == Samples.payload("Opened"))
  }

  /// A message without any field, which most requests and answers may be.
  @Test func emptyMessages() throws {
    try expect([], EmptyMessage())
    try expect([], Evented.SynchronousProcessingResponse())
    try expect([], ProposedBook(cover: nil, pages: []))
    try expect([], Evented.ProjectorAnswer(value: nil))
    try expect([], OutriderV1.ListParkedRequest())
    try expect([], OutriderV1.ListParkedResponse(parked: []))
    try expect([], OutriderV1.ParkedOutcome(stillParked: nil))
    try expect([], OutriderV1.HeadResponse(positions: []))
    try expect([], OutriderV1.GetStatusRequest())
    try expect([], GRPCHealthV1.HealthCheckRequest())
    try expect([], GRPCHealthV1.HealthCheckResponse(.unknown))
  }
}
