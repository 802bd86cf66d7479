import EventModel
import EventSourcing
import Testing

/// A subscription at work on a store with 100,000 parked aggregates, which its test has put there.
public enum ManyParked {
  public static let count = 100_000
  public static let subscription: Name = "p"
  private static let pageSize = 1000

  /// The root of each: its number in 16 decimal digits. Roots are in the order of their numbers.
  public static func root(_ number: Int) -> Root { root(number, filledWith: "0") }

  /// Delivers other aggregates, passes parked ones, and lists what is parked; counts the calls.
  public static func check(_ store: any DomainStore) async throws {
    let calls = StoreCalls()
    let store = InterceptedStore(store, calls)
    let projector = Projector(name: subscription, store: store, logic: Acceptance())
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
    try await expectPages(ParkingLot(store: store, consumers: [projector]), calls)
  }

  private static func expectDelivery(
    _ store: InterceptedStore, _ mark: LowWaterMark, _ calls: StoreCalls
  ) async throws {
    let others = (0..<100).map { root($0, filledWith: "x") }
    for other in others { try await appendAndWait(other, store, mark) }
    for other in others {
      #expect(try await store.record(of: subscription, root: other)?.next == 1)
    }
    #expect(calls.count(of: .listParked) == count / pageSize + 1, "the list is read at the start")
    // A filter spares most of them the look-up; a sixth of them look to it like parked ones.
    #expect(calls.count(of: .parked) < others.count / 2)
  }

  private static func expectOneLookUp(
    _ store: InterceptedStore, _ mark: LowWaterMark, _ calls: StoreCalls
  ) async throws {
    let listed = calls.count(of: .listParked)
    for number in stride(from: 0, to: count, by: count / 20) {
      let (lookUps, records) = (calls.count(of: .parked), calls.count(of: .record))
      try await appendAndWait(root(number), store, mark)
      #expect(calls.count(of: .parked) == lookUps + 1)
      #expect(calls.count(of: .record) == records + 1, "the consumer has not come further")
      #expect(try await store.record(of: subscription, root: root(number)) == nil)
    }
    #expect(calls.count(of: .listParked) == listed)
    #expect(calls.count(of: .commits) == 0)
  }

  private static func expectPages(_ lot: ParkingLot, _ calls: StoreCalls) async throws {
    let listed = calls.count(of: .listParked)
    var roots: [Root] = []
    while true {
      let last = roots.last.map { ParkingLot.Place(subscription: subscription, root: $0) }
      let page = try await lot.list(subscription, after: last, limit: pageSize)
      if page.isEmpty { break }
      roots += page.map(\.root)
    }
    #expect(roots.count == count)
    #expect(roots.indices.allSatisfy { roots[$0] == root($0) })
    #expect(calls.count(of: .listParked) == listed + count / pageSize + 1)
  }

  /// Appends an aggregate's first event and waits until the subscription has come so far.
  private static func appendAndWait(
    _ root: Root, _ store: InterceptedStore, _ mark: LowWaterMark
  ) async throws {
    guard case .appended(let position) = try await store.append(.sample(root, at: 0)) else {
      throw StorageError(.corrupt, "\(root) is there already")
    }
    while mark.number < position.number {
      try Task.checkCancellation()
      await Task.yield()
    }
  }

  private static func root(_ number: Int, filledWith fill: Character) -> Root {
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
