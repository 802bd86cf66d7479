import Contracts
import EventModel
import MemoryStorage
import Synchronization
import Timing

@testable import EventSourcing

/// A saga of one order: it commands two accounts, the first of them again when a timer fires, and
/// has finished when all three commands have ended.
struct Shipping {
  /// What a store keeps.
  enum Part: CaseIterable {
    case orders, instances, accounts
  }

  let clock: VirtualClock
  let orders: any DomainStore
  let instances: any DomainStore
  let accounts: any DomainStore
  private let codec = NumberingSagaCodec()
  private let calls: StoreCalls
  private let failing: Part

  /// - Parameter calls: note what is asked of the store of this part.
  init(_ failing: Part = .orders, _ calls: StoreCalls = StoreCalls()) async throws {
    let clock = VirtualClock()
    let storage = MemoryStorage(now: { clock.now })
    orders = try await storage.domain("orders")
    instances = try await storage.domain(.saga("ship"))
    accounts = try await storage.domain(bank)
    (self.clock, self.failing, self.calls) = (clock, failing, calls)
  }

  /// The store as the saga has it.
  private func store(_ part: Part) -> any DomainStore {
    let store =
      switch part {
      case .orders: orders
      case .instances: instances
      case .accounts: accounts
      }
    return part == failing ? InterceptedStore(store, calls) : store
  }

  private func saga(over instances: any DomainStore) -> Saga {
    Saga(
      name: "ship", by: .root, store: instances, logic: ShippingLogic(clock: clock), codec: codec,
      environment: clock.environment)
  }

  /// As it stands in the store.
  var stored: Saga { saga(over: instances) }

  /// Whether the instance of the order has ended.
  var isFinished: Bool {
    get async throws { try await stored.state(of: root(7))?.isFinished == true }
  }

  /// Stores the order that the saga waits for.
  func placeOrder() async throws -> Commit {
    var order = commit(7, at: 0, "e")
    order.cover = Cover(domain: "orders", root: root(7))
    _ = try await orders.append(order)
    return order
  }

  /// The saga for clients that wait. All domains take its commands.
  var synchronous: SynchronousSaga {
    let saga = saga(over: store(.instances))
    return SynchronousSaga(saga, fedBy: intake(of: saga), sender: AccountsSender(handler))
  }

  private var handler: CommandHandler {
    CommandHandler(
      store: store(.accounts), logic: ScriptedLogic { _, _, _ in book("e") },
      environment: clock.environment)
  }

  private func intake(of saga: Saga) -> Projector {
    SagaIntake.consumer(for: saga, store: store(.orders), environment: clock.environment)
  }

  /// Runs what one process does for the saga.
  func run(until isDone: () async throws -> Bool) async throws {
    let saga = saga(over: store(.instances))
    let dispatcher = SagaDispatcher(
      for: saga, sender: AccountsSender(handler, isAwayAtFirst: true))
    let subscriptions = [
      Subscription(
        consumer: intake(of: saga), store: store(.orders), owner: "me",
        environment: clock.environment),
      Subscription(
        consumer: dispatcher.consumer, store: saga.store, owner: "me",
        environment: clock.environment, companion: { try await dispatcher.runAgendas() }),
    ]
    try await clock.running {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for subscription in subscriptions { group.addTask { await subscription.run() } }
        defer { group.cancelAll() }
        while try await !isDone() {
          try Task.checkCancellation()
          await Task.yield()
        }
      }
    }
  }
}

private struct ShippingLogic: SagaLogic {
  let clock: VirtualClock

  func react(
    to input: SagaInput, of key: Name, state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> SagaReaction {
    switch input {
    case .events:
      return SagaReaction(
        commands: [1, 2].map { SagaCommand(cover: cover($0), encoded: []) },
        timers: [
          ("ship", clock.now.advanced(by: .seconds(2))),
          ("never", clock.now.advanced(by: .seconds(3600))),
        ])
    case .timer: return SagaReaction(commands: [SagaCommand(cover: cover(1), encoded: [])])
    case .outcome:
      let ended = (state ?? []) + [1]
      return SagaReaction(state: ended, isFinished: ended.count == 3)
    }
  }
}

/// Has commands handled.
private final class AccountsSender: CommandSender {
  private let handler: CommandHandler
  private let isAwayAtFirst: Bool
  private let tries = Counter()

  /// - Parameter isAwayAtFirst: whether the first command finds nobody.
  init(_ handler: CommandHandler, isAwayAtFirst: Bool = false) {
    self.handler = handler
    self.isAwayAtFirst = isAwayAtFirst
  }

  func send(
    _ command: OutgoingCommand, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> (end: CommandEnd, events: EventBook?) {
    if isAwayAtFirst, tries.add(1) == 1 { throw .unavailable("away") }
    let id = String(decoding: command.encoded, as: UTF8.self)
    do {
      let result = try await handler.conclude(
        Command(cover: command.cover, id: id, encoded: command.encoded), deadline: deadline)
      guard let recorded = result.recorded else { return (.nothingToDo, nil) }
      return (
        .appended(EventSpan(recorded.commit.pages), recorded.position), EventBook(recorded)
      )
    } catch { throw LogicError(delivering: error) }
  }
}

/// Keeps steps and states in tables; what is stored is the number of one. A command is its id.
private final class NumberingSagaCodec: SagaCodec {
  private struct Tables {
    var steps: [SagaStep] = []
    var states: [SagaState] = []
  }

  private let tables = Mutex(Tables())

  func page(of step: SagaStep) -> Bytes {
    let number = tables.withLock { tables in
      tables.steps.append(step)
      return tables.steps.count - 1
    }
    return event("\(number)")
  }

  func step(in body: Bytes) throws -> SagaStep {
    try tables.withLock { try Self.entry(body.dropFirst(2), of: $0.steps) }
  }

  func snapshot(of state: SagaState) -> Bytes {
    let number = tables.withLock { tables in
      tables.states.append(state)
      return tables.states.count - 1
    }
    return Bytes("\(number)".utf8)
  }

  func state(in snapshot: Bytes) throws -> SagaState {
    try tables.withLock { try Self.entry(snapshot[...], of: $0.states) }
  }

  private static func entry<Entry>(_ number: ArraySlice<UInt8>, of table: [Entry]) throws -> Entry {
    guard let number = Int(String(decoding: number, as: UTF8.self)), table.indices.contains(number)
    else { throw Refusal() }
    return table[number]
  }

  func command(
    _ command: SagaCommand, id: String, because cause: SagaCause
  ) -> OutgoingCommand { OutgoingCommand(cover: command.cover, encoded: Bytes(id.utf8)) }

  func origin(because cause: SagaCause) -> Origin { Origin(correlation: cause.correlation) }
  func depth(of origin: Origin) -> UInt32 { 0 }
  func header(_ name: Name, of origin: Origin) -> Name? { nil }
}
