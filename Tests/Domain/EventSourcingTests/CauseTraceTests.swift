import Contracts
import EventModel
import EventSourcing
import MemoryStorage
import Testing

@Suite(.timeLimit(.minutes(5))) struct CauseTraceTests {
  private let storage = MemoryStorage()

  @Test func aTreeIsFollowedBackAndForwardAcrossDomains() async throws {
    let order = try await append("orders", 1)
    let bill = try await append("bills", 1, causedBy: order)
    _ = try await append("bills", 2)
    let parcel = try await append("parcels", 1, causedBy: bill)
    let mail = try await append("$saga.mail", 1, causedBy: order)
    let paid = try await append("bills", 1, causedBy: mail)
    for start in [order, bill, parcel, mail, paid] {
      let nodes = try await trace(.event(start))
      #expect(Set(nodes.map(\.event)) == [order, bill, parcel, mail, paid])
      #expect(nodes.count == 5)
      #expect(nodes.map(\.number) == Array(1...5))
      #expect(nodes.filter(\.isStart).map(\.event) == [start])
      #expect(parent(of: bill, in: nodes) == order)
      #expect(parent(of: parcel, in: nodes) == bill)
      #expect(parent(of: mail, in: nodes) == order)
      #expect(parent(of: paid, in: nodes) == mail)
      #expect(nodes.allSatisfy { $0.parent ?? 0 < $0.number })
      #expect(nodes.allSatisfy { !$0.isTruncated })
    }
    #expect(
      try await trace(.event(paid), isBackwardOnly: true).map(\.event) == [order, mail, paid])
  }

  @Test func aCauseIsAnyEventOfACommit() async throws {
    let order = try await append("orders", 1, pages: 5)
    let middle = EventReference(cover: order.cover, sequence: 3)
    let bill = try await append("bills", 1, causedBy: middle)
    let nodes = try await trace(.event(EventReference(cover: order.cover, sequence: 4)))
    #expect(nodes.map(\.event) == [order, bill])
    #expect(nodes[0].events.next == 5)
    #expect(nodes[1].causeSequence == 3)
  }

  @Test func aCommandIsFoundByItsIDAndByItsCommitsOwn() async throws {
    _ = try await append("orders", 1, commandID: "c-1")
    let second = try await append("orders", 1, commandID: "c-2")
    let bill = try await append("bills", 1, causedBy: second)
    #expect(try await trace(.commandID("c-2")).map(\.event) == [second, bill])
    let id = try await #require(storage.domain("bills").wholeLog().first).commit.id
    #expect(try await trace(.commandID("\(id)")).filter(\.isStart).map(\.event) == [bill])
  }

  @Test func aCorrelationBeginsWhereItWasSet() async throws {
    let outside = try await append("orders", 9)
    let first = try await append("orders", 1, causedBy: outside, correlation: "request")
    let second = try await append("bills", 1, causedBy: first, correlation: "request")
    let nodes = try await trace(.correlation("request"))
    #expect(nodes.map(\.event) == [outside, first, second])
    #expect(nodes.filter(\.isStart).map(\.event) == [first])
    // Where the caller gave none, the command's id stands for it.
    _ = try await append("orders", 2, commandID: "alone")
    #expect(try await trace(.correlation("alone")).count == 1)
  }

  @Test func idsAndCorrelationsThatOnlyLookTheSameAreTwo() async throws {
    var ids: [(Name, EventReference)] = []
    var correlations: [(Name, EventReference)] = []
    for (number, name) in (["K", "\u{212A}", "\u{E9}", "e\u{301}"] as [Name]).enumerated() {
      ids.append((name, try await append("orders", number, commandID: name.text)))
      correlations.append(
        (name, try await append("bills", number, commandID: "b\(number)", correlation: name.text)))
    }
    for (name, event) in ids {
      #expect(try await trace(.commandID(name)).map(\.event) == [event])
    }
    for (name, event) in correlations {
      #expect(try await trace(.correlation(name), in: ["bills"]).map(\.event) == [event])
    }
  }

  @Test func whatIsFarFromTheLogsEndIsFound() async throws {
    let store = try await storage.domain("orders")
    let first = try await append("orders", 1, commandID: "early")
    for number in 0..<3000 {
      _ = try await store.append(commit("orders", 100 + number))
    }
    let late = try await append("orders", 2, commandID: "late")
    #expect(try await trace(.commandID("early")).map(\.event) == [first])
    #expect(try await trace(.commandID("late")).map(\.event) == [late])
  }

  @Test(
    arguments: [
      TraceStart.commandID("none"), .correlation("none"),
      .event(EventReference(cover: Cover(domain: "orders", root: .nil), sequence: 0)),
      .event(EventReference(cover: Cover(domain: "nowhere", root: .nil), sequence: 0)),
    ])
  func whatIsNotThereIsNotFound(_ start: TraceStart) async throws {
    _ = try await append("orders", 1)
    await #expect {
      _ = try await trace(start)
    } throws: { error in
      (error as? EventSourcingError)?.code == .notFound
    }
  }

  @Test func domainsThatMayNotBeReadAreLeftOutWithAllBehindThem() async throws {
    let order = try await append("orders", 1)
    let secret = try await append("secrets", 1, causedBy: order)
    let bill = try await append("bills", 1, causedBy: secret)
    let parcel = try await append("parcels", 1, causedBy: order)
    let readable: [Name] = ["orders", "bills", "parcels"]
    #expect(try await trace(.event(order), in: readable).map(\.event) == [order, parcel])
    #expect(try await trace(.event(bill), in: readable).map(\.event) == [bill])
    await #expect(throws: EventSourcingError.self) {
      _ = try await trace(.event(secret), in: readable)
    }
  }

  @Test func aCauseThatIsNotThereEndsTheWay() async throws {
    let gone = EventReference(cover: Cover(domain: "orders", root: .random()), sequence: 3)
    let bill = try await append("bills", 1, causedBy: gone)
    let order = try await append("orders", 2)
    let later = EventReference(cover: order.cover, sequence: 7)
    let parcel = try await append("parcels", 1, causedBy: later)
    #expect(try await trace(.event(bill)).map(\.event) == [bill])
    #expect(try await trace(.event(parcel)).map(\.event) == [parcel])
  }

  @Test func aCircleThatAClientMadeUpEnds() async throws {
    let second = EventReference(cover: Cover(domain: "bills", root: root(1)), sequence: 0)
    let first = try await append("orders", 1, causedBy: second)
    _ = try await append("bills", 1, causedBy: first)
    let own = EventReference(cover: Cover(domain: "orders", root: root(7)), sequence: 0)
    _ = try await append("orders", 7, causedBy: own)
    #expect(Set(try await trace(.event(first)).map(\.event)) == [first, second])
    #expect(try await trace(.event(own)).map(\.event) == [own])
  }

  @Test func theLimitIsHeldAndWhatItLeavesOutIsSaid() async throws {
    let order = try await append("orders", 1)
    for number in 1...20 { _ = try await append("bills", number, causedBy: order) }
    let whole = try await trace(.event(order), limit: 21)
    #expect(whole.count == 21)
    #expect(whole.allSatisfy { !$0.isTruncated })
    let part = try await trace(.event(order), limit: 20)
    #expect(part.count == 20)
    #expect(part.filter(\.isTruncated).map(\.event) == [order])
    #expect(try await trace(.event(order), limit: 1).map(\.isTruncated) == [true])
  }

  @Test func aWayLongerThanTheLimitEndsAtWhatWasAskedFor() async throws {
    var last = try await append("orders", 1)
    for _ in 0..<30 { last = try await append("orders", 1, causedBy: last) }
    let nodes = try await trace(.event(last), limit: 10)
    #expect(nodes.map(\.events.first.rawValue) == Array(21...30))
    #expect(nodes.map(\.parent) == [nil] + (1...9).map { $0 })
  }

  @Test func manyEffectsOfOneEventAndOfManyAreAllFound() async throws {
    let order = try await append("orders", 1)
    var expected: Set<EventReference> = [order]
    for number in 0..<2000 {
      let bill = try await append("bills", number, causedBy: order)
      expected.insert(bill)
      if number % 10 == 0 {
        expected.insert(try await append("parcels", number, causedBy: bill))
      }
    }
    let nodes = try await trace(.event(order))
    #expect(nodes.count == expected.count)
    #expect(Set(nodes.map(\.event)) == expected)
  }

  // MARK: A world of commits

  private func trace(
    _ start: TraceStart, in domains: [Name]? = nil, limit: Int = 10_000,
    isBackwardOnly: Bool = false
  ) async throws -> [TraceNode] {
    let all = try await storage.domains()
    let trace = CauseTrace(domains: domains ?? all, gate: ConcurrencyLimit(1)) { [storage] domain in
      try await storage.domain(domain)
    }
    var nodes: [TraceNode] = []
    try await trace.nodes(from: start, limit: limit, isBackwardOnly: isBackwardOnly) {
      nodes.append($0)
    }
    return nodes
  }

  private func parent(of event: EventReference, in nodes: [TraceNode]) -> EventReference? {
    nodes.first { $0.event == event }?.parent.map { nodes[$0 - 1].event }
  }

  /// Appends events to the end of an aggregate; returns the first.
  private func append(
    _ domain: Name, _ number: Int, pages: Int = 1, causedBy cause: EventReference? = nil,
    commandID: String? = nil, correlation: String = ""
  ) async throws -> EventReference {
    let store = try await storage.domain(domain)
    var commit = commit(
      domain, number, at: try await store.next(of: root(number)), pages: pages, causedBy: cause)
    commit.commandID = commandID
    commit.origin.correlation = correlation
    guard case .appended = try await store.append(commit) else {
      preconditionFailure("nobody else appends")
    }
    return EventReference(cover: commit.cover, sequence: commit.pages.first)
  }

  private func commit(
    _ domain: Name, _ number: Int, at first: SequenceNumber = 0, pages count: Int = 1,
    causedBy cause: EventReference? = nil
  ) -> Commit {
    var pages = PageBlock(emptyAt: first)
    for _ in 0..<count {
      pages.append(
        EventPage(sequence: pages.next, createdAt: Timestamp(seconds: 1), body: [0x22, 2, 7, 7]))
    }
    return Commit(
      cover: Cover(domain: domain, root: root(number)), id: .random(), pages: pages,
      origin: cause.map(Origin.init(cause:)) ?? Origin(), createdAt: Timestamp(seconds: 1))
  }

  private func root(_ number: Int) -> Root {
    let bytes = Bytes(repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 255)]
    guard let root = Root(bytes) else { preconditionFailure("14 and 2 bytes are 16") }
    return root
  }
}

extension TraceNode {
  /// Its first.
  fileprivate var event: EventReference {
    EventReference(cover: events.cover, sequence: events.first)
  }
}
