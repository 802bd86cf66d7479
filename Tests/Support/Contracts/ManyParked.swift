import EventModel
import EventSourcing
import Testing

/// A subscription at work on a store with so many parked aggregates, which its test has put there.
public struct ManyParked: Sendable {
  /// A multiple of 1000.
  public let count: Int
  public static let subscription: Name = "p"
  private static let pageSize = 1000

  public init(count: Int) { self.count = count }

  /// The root of each: its number in 16 decimal digits. Roots are in the order of their numbers.
  public func root(_ number: Int) -> Root { root(number, filledWith: "0") }

  /// Delivers other aggregates, passes parked ones, and lists what is parked; counts the calls.
  public func check(_ store: any DomainStore) async throws {
    let calls = StoreCalls()
    let store = InterceptedStore(store, calls)
    let projector = Projector(name: Self.subscription, store: store, logic: Acceptance())
    let mark = LowWaterMark()
    // A lease that is lost on a busy machine would have the list read again.
    var settings = SubscriptionSettings()
    settings.leaseDuration = .seconds(600)
    let subscription = Subscription(
      consumer: projector, store: store, owner: "me", settings: settings, mark: mark)
    try await withThrowingTaskGroup { group in
      group.addTask { await subscription.run() }
      try await expectDelivery(store, mark, calls)
      try await expectOneLookUp(store, mark, calls)
      group.cancelAll()
    }
    try await expectPages(lot(of: projector, in: store), calls)
  }

  private func lot(of projector: Projector, in store: any ConsumerStore) -> ParkingLot {
    ParkingLot(
      store: store,
      projectors: [DomainProjector(name: Self.subscription, store: store) { _ in projector }])
  }

  private func expectDelivery(
    _ store: InterceptedStore, _ mark: LowWaterMark, _ calls: StoreCalls
  ) async throws {
    let others = (0..<100).map { root($0, filledWith: "x") }
    try await appendAndWait(others, store, mark)
    for other in others {
      #expect(try await store.record(of: Self.subscription, root: other)?.next == 1)
    }
    // The list is read at the start.
    #expect(calls.count(of: .listParked) == count / Self.pageSize + 1)
    // A filter spares most the look-up. With 100,000 parked it takes a sixth for parked.
    #expect(calls.count(of: .parked) < others.count / 2)
  }

  private func expectOneLookUp(
    _ store: InterceptedStore, _ mark: LowWaterMark, _ calls: StoreCalls
  ) async throws {
    let listed = calls.count(of: .listParked)
    for number in stride(from: 0, to: count, by: count / 10) {
      let (lookUps, records) = (calls.count(of: .parked), calls.count(of: .record))
      try await appendAndWait([root(number)], store, mark)
      #expect(calls.count(of: .parked) == lookUps + 1)
      #expect(calls.count(of: .record) == records + 1, "the consumer has not come further")
      #expect(try await store.record(of: Self.subscription, root: root(number)) == nil)
    }
    #expect(calls.count(of: .listParked) == listed)
    #expect(calls.count(of: .commits) == 0)
  }

  private func expectPages(_ lot: ParkingLot, _ calls: StoreCalls) async throws {
    let listed = calls.count(of: .listParked)
    var roots: [Root] = []
    while true {
      let last = roots.last.map { ParkingLot.Place(subscription: Self.subscription, root: $0) }
      let page = try await lot.list(Self.subscription, after: last, limit: Self.pageSize)
      if page.isEmpty { break }
      roots += page.map(\.root)
    }
    #expect(roots.count == count)
    #expect(roots.indices.allSatisfy { roots[$0] == root($0) })
    #expect(calls.count(of: .listParked) == listed + count / Self.pageSize + 1)
  }

  /// Appends the first event of each aggregate and waits until the subscription has come so far.
  private func appendAndWait(
    _ roots: [Root], _ store: InterceptedStore, _ mark: LowWaterMark
  ) async throws {
    for root in roots { try await store.appendOne(root) }
    await mark.wait(for: try await store.head(ofPartition: 0).number)
    try Task.checkCancellation()
  }

  private func root(_ number: Int, filledWith fill: Character) -> Root {
    let digits = "\(number)"
    let text = String(repeating: fill, count: Root.byteCount - digits.utf8.count) + digits
    guard let root = Root(Bytes(text.utf8)) else { preconditionFailure("it has 16 bytes") }
    return root
  }
}

/// Logic that takes everything.
private struct Acceptance: ProjectorLogic {
  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? { [] }
}
