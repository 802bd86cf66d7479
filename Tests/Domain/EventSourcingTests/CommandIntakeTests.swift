import EventModel
import MemoryChannel
import Synchronization
import Testing
import Timing

@testable import EventSourcing

/// One test after the other: each keeps a processor busy while time passes.
@Suite(.serialized, .timeLimit(.minutes(5))) final class CommandIntakeTests: Sendable {
  private let channel = MemoryCommandChannel()
  private let heard = Mutex<[String]>([])
  private let fates = Mutex<[CommandFate: Int]>([:])
  /// Of dead letters, as they were told.
  private let counts = Mutex<[Int]>([])

  /// A command for an aggregate, under an id.
  private func publish(_ id: String, to number: UInt8 = 1) async throws {
    try await channel.publish(
      ChannelMessage(key: [number], headers: [], body: [number] + Bytes(id.utf8)), to: bank)
  }

  private func publish(flaw: String) async throws {
    try await channel.publish(
      ChannelMessage(key: [], headers: [], body: Bytes([0] + Bytes(flaw.utf8))), to: bank)
  }

  /// Reads what `publish` writes. Aggregates from 100 on are another domain's.
  private static func read(_ message: ChannelMessage) throws -> Command? {
    let text = String(decoding: message.body.dropFirst(), as: UTF8.self)
    guard message.body[0] != 0 else { throw EventSourcingError(.invalid, text) }
    return message.body[0] >= 100 ? nil : command(message.body[0], id: text)
  }

  /// Takes commands until everything that was published is acknowledged or set aside.
  private func takeAll(
    _ dispatching: Dispatching,
    dispatcher: (@Sendable () async throws -> CommandDispatcher)? = nil
  ) async throws {
    let intake = CommandIntake(
      of: bank, from: channel, environment: dispatching.environment,
      dispatcher: dispatcher ?? { dispatching.dispatcher },
      observe: { [self] event in
        switch event {
        case .taken(let fate): fates.withLock { $0[fate, default: 0] += 1 }
        case .deadLetters(let count): counts.withLock { $0.append(count) }
        default: heard.withLock { $0.append(event.text) }
        }
      },
      read: { try Self.read($0) })
    try await dispatching.clock.running {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await intake.run() }
        try await dispatching.waitUntil { self.channel.isDone(for: bank) }
        group.cancelAll()
      }
    }
  }

  /// The ids of an aggregate's commands, in the order in which they were dispatched.
  private func dispatched(_ number: UInt8, _ dispatching: Dispatching) async throws -> [String] {
    try await dispatching.journal.store.commits(
      of: root(number), from: .first, limit: ReadLimit(count: 1000)
    ).compactMap(\.commit.commandID)
  }

  private func dispatching() async throws -> Dispatching {
    try await Dispatching(logic: ScriptedLogic { _, _, _ in book("e") })
  }

  @Test func commandsAreDispatchedInTheOrderOfTheirAggregates() async throws {
    let dispatching = try await dispatching()
    for number in 0..<50 {
      for aggregate in 1...5 as ClosedRange<UInt8> {
        try await publish("c\(number)", to: aggregate)
      }
    }
    try await takeAll(dispatching)
    for aggregate in 1...5 as ClosedRange<UInt8> {
      #expect(try await dispatched(aggregate, dispatching) == (0..<50).map { "c\($0)" })
    }
  }

  @Test func aRepeatIsDispatchedOnce() async throws {
    let dispatching = try await dispatching()
    for id in ["a", "b", "a", "a"] { try await publish(id) }
    try await takeAll(dispatching)
    #expect(try await dispatched(1, dispatching) == ["a", "b"])
    #expect(fates.withLock { $0 } == [.stored: 2, .repeated: 2])
  }

  @Test func anotherDomainsCommandsAreLeftToIt() async throws {
    let dispatching = try await dispatching()
    try await publish("a", to: 100)
    try await publish("b")
    try await takeAll(dispatching)
    #expect(try await dispatched(1, dispatching) == ["b"])
    #expect(try await dispatched(100, dispatching).isEmpty)
    #expect(try await letters().isEmpty)
    #expect(fates.withLock { $0 } == [.stored: 1, .passedOver: 1])
  }

  @Test func whatCanNeverBeStoredIsSetAsideAndStopsNothing() async throws {
    let dispatching = try await dispatching()
    try await publish(flaw: "it is odd")
    try await publish("$reserved")
    try await publish("a")
    try await takeAll(dispatching)
    #expect(try await dispatched(1, dispatching) == ["a"])
    let reasons = try await letters().map(\.reason)
    #expect(reasons.count == 2 && reasons.contains("it is odd"))
    #expect(reasons.contains { $0.contains("not begin with $") })
    #expect(heard.withLock { $0 }.count { $0 == "set aside" } == 2)
    #expect(fates.withLock { $0 } == [.stored: 1, .setAside: 2])
    // Those that wait are counted when the next one begins.
    try await publish("b")
    try await takeAll(dispatching) {
      try await dispatching.waitUntil { self.counts.withLock { $0.last == 2 } }
      return dispatching.dispatcher
    }
  }

  @Test func aStoreThatIsAwayIsWaitedForAndToldOnce() async throws {
    let dispatching = try await dispatching()
    let tries = Mutex(0)
    for id in ["a", "b"] { try await publish(id) }
    try await takeAll(dispatching) {
      let number = tries.withLock { count in
        count += 1
        return count
      }
      if number < 20 { throw StorageError(.unavailable, "away") }
      return dispatching.dispatcher
    }
    #expect(try await dispatched(1, dispatching) == ["a", "b"])
    #expect(try await letters().isEmpty)
    #expect(heard.withLock { $0 } == ["joined", "store unavailable"])
  }

  private func letters() async throws -> [DeadLetter] {
    try await channel.deadLetters(of: bank).list(limit: ReadLimit()).letters
  }
}

extension SubscriptionEvent {
  fileprivate var text: String {
    switch self {
    case .joined: "joined"
    case .setAside: "set aside"
    case .storeUnavailable: "store unavailable"
    case .channelFailed(let error): "channel failed: \(error)"
    default: "another"
    }
  }
}
