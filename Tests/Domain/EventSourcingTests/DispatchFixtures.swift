import EventModel
import MemoryStorage
import Synchronization
import Timing

@testable import EventSourcing

/// Dispatched commands of the domain bank: who takes them, and who carries them out.
struct Dispatching {
  let clock: VirtualClock
  let environment: Environment
  let start: Timestamp
  let store: any DomainStore
  let journal: CommandJournal
  let dispatcher: CommandDispatcher
  let handler: CommandHandler

  init(
    limits: CommandLimits = CommandLimits(), awaitedMax: Int = 10,
    storage: any Storage = MemoryStorage(), logic: any BusinessLogic
  ) async throws {
    let clock = VirtualClock()
    let environment = clock.environment
    start = clock.now
    let store = try await storage.domain(bank)
    journal = CommandJournal(
      of: bank, store: try await storage.domain(.commands(of: bank)), codec: NumberingCodec(),
      environment: environment)
    dispatcher = CommandDispatcher(
      journal, events: store, limits: limits, awaitedMax: awaitedMax, environment: environment)
    handler = CommandHandler(store: store, logic: logic, environment: environment)
    (self.clock, self.environment, self.store) = (clock, environment, store)
  }

  /// So many seconds after the start.
  func time(_ seconds: Int64) -> Timestamp {
    Timestamp(seconds: start.seconds + seconds, nanoseconds: start.nanoseconds)
  }

  func reference(_ id: String, of number: UInt8 = 1) -> CommandReference {
    CommandReference(cover: cover(number), commandID: id)
  }

  @discardableResult
  func dispatch(
    _ id: String, to number: UInt8 = 1, notBefore: Int64? = nil, expiresAt: Int64? = nil
  ) async throws -> Bool {
    try await dispatcher.dispatch(
      DispatchedCommand(
        command(number, id: id), notBefore: notBefore.map(time), expiresAt: expiresAt.map(time)))
  }

  func end(of id: String, _ number: UInt8 = 1) async throws -> CommandEnd? {
    try await dispatcher.standing(of: reference(id, of: number)).end
  }

  /// The command ids of an aggregate's events.
  func handled(_ number: UInt8 = 1) async throws -> [String] {
    try await store.commits(of: root(number), from: .first, limit: ReadLimit(count: 1_000_000))
      .map { $0.commit.commandID ?? "" }
  }

  /// A process that carries out commands, until its task is cancelled.
  func carry(as owner: Name = "me") async {
    let carrier = CommandCarrier(
      journal, partition: 0, events: store, environment: environment
    ) { handler }
    await Subscription(
      consumer: carrier, store: journal.store, owner: owner, environment: environment,
      companion: { try await carrier.companion() }
    ).run()
  }

  /// Carries commands out while time passes and `body` runs.
  func carrying<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    try await clock.running {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await carry() }
        defer { group.cancelAll() }
        return try await body()
      }
    }
  }

  /// Carries commands out until these have ended.
  func carryUntilEnded(_ ids: String..., number: UInt8 = 1) async throws {
    try await carrying {
      for id in ids { try await waitUntil { try await end(of: id, number) != nil } }
    }
  }

  func waitUntil(_ isTrue: () async throws -> Bool) async throws {
    while try await !isTrue() {
      try Task.checkCancellation()
      await Task.yield()
    }
  }
}

/// Keeps events in a table; a body is the number of one.
final class NumberingCodec: DispatchCodec {
  private let events = Mutex<[DispatchEvent]>([])

  func body(of event: DispatchEvent) -> Bytes {
    let number = events.withLock { events in
      events.append(event)
      return events.count - 1
    }
    return EventSourcingTests.event("\(number)")
  }

  func event(in body: Bytes) throws -> DispatchEvent {
    let number = Int(String(decoding: body.dropFirst(2), as: UTF8.self))
    return try events.withLock { events in
      guard let number, events.indices.contains(number) else { throw Refusal() }
      return events[number]
    }
  }
}
