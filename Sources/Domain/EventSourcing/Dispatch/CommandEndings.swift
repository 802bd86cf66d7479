import EventModel
import Synchronization
import Timing

/// Wakes the calls that wait for a dispatched command to end. One reader of the log serves them
/// all; it runs only while a call waits.
final class CommandEndings: Sendable {
  private struct Key: Hashable {
    let root: Root
    let commandID: Name
  }

  private enum Signal {
    case none
    case waiting(CheckedContinuation<Void, Never>)
    case given
  }

  private struct State {
    var waiters: [Key: [UInt64: Signal]] = [:]
    var count = 0
    var lastTicket: UInt64 = 0
    var reader: Task<Void, Never>?
  }

  private let history: any EventHistory
  private let waitersMax: Int
  private let environment: Environment
  /// Bounds how many read at a time.
  private let reading = ConcurrencyLimit(16)
  private let state = Mutex(State())

  init(in history: any EventHistory, waitersMax: Int, environment: Environment) {
    self.history = history
    self.waitersMax = waitersMax
    self.environment = environment
  }

  /// Calls `look` whenever the command may have ended, until it has or the time is up.
  ///
  /// - Returns: the last result of `look`.
  func wait<Found: Sendable>(
    for reference: CommandReference, until end: ContinuousClock.Instant,
    _ look: @Sendable () async throws -> (Found, isOver: Bool)
  ) async throws -> Found {
    let key = Key(root: reference.cover.root, commandID: Name(reference.commandID))
    let ticket = try register(key, readingFrom: try await heads())
    defer { leave(key, ticket) }
    while true {
      // The reader started before this look, so it sees every later end.
      let (found, isOver) = try await look()
      let patience = end - environment.instant()
      if isOver || patience <= .zero { return found }
      await within(patience, sleep: environment.sleep) { await self.signal(key, ticket) }
      try Task.checkCancellation()
    }
  }

  /// Passes the log's commits from its current end to `body`, one at a time, until cancelled.
  ///
  /// - Parameter hold: called with the bytes read ahead of `body`. May end the read by throwing.
  func follow(
    hold: @escaping @Sendable (Int) async throws -> Void,
    _ body: @escaping @Sendable (RecordedCommit) async throws -> Void
  ) async throws {
    let turn = ConcurrencyLimit(1)
    let heads = try await heads()
    try await withThrowingDiscardingTaskGroup { group in
      for head in heads {
        group.addTask {
          try await self.read(after: head, hold: hold) { commit in
            try await turn.run { try await body(commit) }
          }
        }
      }
    }
  }

  // MARK: Waiters

  private func register(_ key: Key, readingFrom heads: [Position]) throws -> UInt64 {
    try state.withLock { state in
      guard state.count < waitersMax else {
        throw EventSourcingError(
          .exhausted, "\(waitersMax) calls wait for commands to end already: ask again later")
      }
      state.count += 1
      state.lastTicket += 1
      state.waiters[key, default: [:]][state.lastTicket] = Signal.none
      if state.reader == nil {
        state.reader = Task(executorPreference: LooseTasks.executor) {
          await self.wakeAll(after: heads)
        }
      }
      return state.lastTicket
    }
  }

  private func leave(_ key: Key, _ ticket: UInt64) {
    state.withLock { state in
      state.waiters[key]?[ticket] = nil
      if state.waiters[key]?.isEmpty ?? true { state.waiters[key] = nil }
      state.count -= 1
      guard state.count == 0 else { return }
      state.reader?.cancel()
      state.reader = nil
    }
  }

  /// Waits until the signal is given, or the task is cancelled.
  private func signal(_ key: Key, _ ticket: UInt64) async {
    await suspend { waiter in
      state.withLock { state in
        guard let signal = state.waiters[key]?[ticket] else { return false }
        if case .given = signal {
          state.waiters[key]?[ticket] = Signal.none
          return false
        }
        state.waiters[key]?[ticket] = .waiting(waiter)
        return true
      }
    } takeBack: {
      give(key, ticket)
    }
  }

  /// Gives the signal. Returns the waiter to resume; nil if none waits yet.
  private func give(_ key: Key, _ ticket: UInt64) -> CheckedContinuation<Void, Never>? {
    state.withLock { state in
      guard let signal = state.waiters[key]?[ticket] else { return nil }
      guard case .waiting(let waiter) = signal else {
        state.waiters[key]?[ticket] = .given
        return nil
      }
      state.waiters[key]?[ticket] = Signal.none
      return waiter
    }
  }

  // MARK: The reader

  private func heads() async throws -> [Position] {
    var heads: [Position] = []
    for partition in 0..<history.partitions {
      heads.append(try await history.head(ofPartition: partition))
    }
    return heads
  }

  private func wakeAll(after heads: [Position]) async {
    await withDiscardingTaskGroup { group in
      for head in heads {
        group.addTask { try? await self.read(after: head) { self.wake(by: $0) } }
      }
    }
  }

  private func wake(by recorded: RecordedCommit) {
    guard let keys = StepKeys(endedBy: recorded.commit.commandID) else { return }
    let key = Key(root: recorded.commit.cover.root, commandID: Name(keys.id))
    let tickets = state.withLock { $0.waiters[key]?.keys.map(\.self) ?? [] }
    for ticket in tickets { give(key, ticket)?.resume() }
  }

  /// Reads on through failures of the store, until cancelled or `body` throws.
  private func read(
    after head: Position, hold: (Int) async throws -> Void = { _ in },
    _ body: (RecordedCommit) async throws -> Void
  ) async throws {
    var position = head
    var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(5))
    while !Task.isCancelled {
      let commits: [RecordedCommit]
      do {
        let place = position
        commits = try await reading.run {
          let commits = try await history.log(after: place, limit: ReadLimit(bytes: 1 << 20))
          try await hold(commits.byteCount)
          return commits
        }
        backoff.reset()
      } catch let error as StorageError {
        if let place = error.damage?.position {
          position = place
        } else {
          try await environment.sleep(backoff.next(random: environment.random()))
        }
        continue
      }
      if commits.isEmpty { await history.waitForLog(after: position) }
      for commit in commits {
        try await body(commit)
        position = commit.position
      }
      try await hold(-commits.byteCount)
    }
  }
}
