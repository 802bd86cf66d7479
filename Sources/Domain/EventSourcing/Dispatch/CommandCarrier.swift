import EventModel
import StatusCodes
import Timing

/// Carries out what was dispatched to one domain: asks the domain's command handler until an answer
/// says how each command ended.
///
/// It is the consumer of a subscription to the internal domain's log. A command whose time has not
/// come is entered in an agenda. When it comes, that is an event of the same stream, and the
/// command is carried out where that event stands: commands for one aggregate in the order in
/// which they became due, one at a time.
public final class CommandCarrier: BookConsumer {
  /// Of the subscription.
  public static let subscription: Name = "commands"

  public let name = subscription
  public let joinsCommits = false
  private let journal: CommandJournal
  private let events: any EventStore
  private let handler: @Sendable () async throws -> CommandHandler
  private let environment: Environment
  private let due: AgendaRunner
  private let progress = ConsumerProgress()
  /// An aggregate that was parked may be tried again while new events of it arrive.
  private let lanes = Lanes(waitersMax: .max)
  private let gapReadLimit = ReadLimit(count: 256, bytes: 1 << 20)

  /// - Parameters:
  ///   - partition: of the internal domain's log.
  ///   - events: the domain's own.
  ///   - handler: the domain's command handler.
  public init(
    _ journal: CommandJournal, partition: UInt32, events: any EventStore,
    agenda settings: AgendaSettings = AgendaSettings(), environment: Environment = .live,
    handler: @escaping @Sendable () async throws -> CommandHandler
  ) {
    self.journal = journal
    self.events = events
    self.handler = handler
    self.environment = environment
    due = AgendaRunner(
      of: .dueCommands(ofPartition: partition), in: journal.store, settings: settings,
      environment: environment
    ) { entry in await journal.comeDue(entry) }
  }

  /// Has commands come due when it is time. To run beside the subscription, as its companion.
  public func companion() async throws { try await due.run() }

  public func begin() { progress.forget() }

  public func consume(_ book: EventBook, deadline: ContinuousClock.Instant) async throws {
    let root = book.cover.root
    try await lanes.run(on: root) {
      if let next = progress.next(of: root) {
        try await repairGap(of: root, from: next, before: book.pages.first, deadline: deadline)
      } else {
        progress.note(book.pages.first, of: root)
      }
      try await carry(book.pages, of: root, book.origin, deadline: deadline)
    }
  }

  /// What came while the aggregate was parked is in the stream alone.
  private func repairGap(
    of root: Root, from next: SequenceNumber, before end: SequenceNumber,
    deadline: ContinuousClock.Instant
  ) async throws {
    var next = next
    while next < end {
      let commits = try await journal.store.commits(of: root, from: next, limit: gapReadLimit)
      guard let last = commits.last?.commit.pages.next, next < last else {
        throw LogicError.unavailable("event \(next) of \(root) is not in the store (yet)")
      }
      for book in EventBook.books(of: commits, from: next, upTo: end) {
        try await carry(book.pages, of: root, book.origin, deadline: deadline)
      }
      next = last
    }
  }

  private func carry(
    _ pages: PageBlock, of root: Root, _ origin: Origin, deadline: ContinuousClock.Instant
  ) async throws {
    let next = progress.next(of: root) ?? pages.first
    for page in pages.slice(from: next).pages {
      switch try journal.event(page, of: root) {
      case .dispatched(let dispatched):
        let stored = StoredCommand(dispatched, by: page, origin)
        if stored.isDelayed, let notBefore = dispatched.notBefore {
          try await due.enter([(AgendaKey(root: root, sequence: page.sequence), notBefore)])
        } else {
          try await carryOut(stored, deadline: deadline)
        }
      case .due(let due):
        guard let stored = try await journal.command(due.commandID, of: root) else {
          throw LogicError.unavailable("command \(due.commandID) is not in the store (yet)")
        }
        try await carryOut(stored, deadline: deadline)
      case .ended: break
      }
      progress.note(page.sequence.next, of: root)
    }
  }

  private func carryOut(
    _ stored: StoredCommand, deadline: ContinuousClock.Instant
  ) async throws {
    if try await journal.end(of: stored) != nil { return }
    let end = EndedCommand(
      commandID: stored.keys.id, try await end(of: stored, deadline: deadline),
      dispatched: stored.sequence)
    _ = try await journal.append(
      journal.body(of: .ended(end)), to: stored.root, as: stored.keys.end,
      origin: stored.followingOrigin, guess: stored.sequence.next)
  }

  /// How it ends. Throws `LogicError.unavailable` where it is to be tried again.
  private func end(
    of stored: StoredCommand, deadline: ContinuousClock.Instant
  ) async throws -> CommandEnd {
    var deadline = deadline
    if let expiresAt = stored.dispatched.expiresAt {
      let rest = expiresAt.duration(since: environment.now())
      guard rest > .zero else {
        // An earlier try may have been stored although nobody heard of it, or be under way.
        let known = try await events.bar(stored.keys.id, of: stored.root)
        return known.map(CommandEnd.init) ?? .expired
      }
      deadline = min(deadline, environment.instant() + rest)
    }
    let handler: CommandHandler
    do { handler = try await self.handler() } catch {
      throw LogicError.unavailable(ErrorStatus(error).message)
    }
    do {
      let result = try await handler.conclude(stored.command, deadline: deadline)
      return result.recorded.map(CommandEnd.init) ?? .nothingToDo
    } catch {
      let status = ErrorStatus(error)
      guard !status.mayPass else {
        throw LogicError.unavailable(
          "command \(stored.keys.id) is tried again: \(status.message)")
      }
      return .refused(code: status.code.rawValue, message: status.message)
    }
  }

  public func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    // What is not remembered is looked at again from the beginning, and found to have ended.
    progress.next(of: root) ?? .first
  }

  public func skip(_ root: Root, upTo next: SequenceNumber) async throws {
    try await lanes.run(on: root) {
      if progress.next(of: root) ?? .first < next { progress.note(next, of: root) }
    }
  }

  /// What the logic refuses has ended; there is nothing to keep.
  public func setAside(_ cover: Cover, deadline: ContinuousClock.Instant) async throws -> Bool {
    false
  }
}

extension CommandEnd {
  fileprivate init(_ recorded: RecordedCommit) {
    self = .appended(EventSpan(recorded.commit.pages), recorded.position)
  }
}

extension StoredCommand {
  /// As a book of the log tells it. Where the command has no correlation, the book has its id.
  fileprivate init(_ dispatched: DispatchedCommand, by page: EventPage, _ origin: Origin) {
    var dispatched = dispatched
    dispatched.command.origin = origin
    if origin.correlation.bytewise == dispatched.command.id.bytewise {
      dispatched.command.origin.correlation = ""
    }
    self.init(
      dispatched: dispatched, sequence: page.sequence, dispatchedAt: page.createdAt,
      position: Position(number: 0))
  }
}

extension CommandJournal {
  /// Notes that a command's time has come, unless it was cancelled.
  fileprivate func comeDue(_ entry: AgendaEntry) async -> AgendaRunner.Verdict {
    do {
      guard let stored = try await command(of: entry.key.root, at: entry.key.sequence) else {
        return .done
      }
      let due = DueCommand(commandID: stored.keys.id, dispatched: stored.sequence)
      _ = try await append(
        body(of: .due(due)), to: stored.root, as: stored.keys.due,
        origin: stored.followingOrigin, guess: stored.sequence.next)
      return .done
    } catch let error as EventSourcingError where error.code == .dataLoss {
      return .done
    } catch {
      let pause = min(Duration.milliseconds(50) * (1 << min(entry.tries, 8)), .seconds(10))
      return .again(at: environment.now().advanced(by: pause))
    }
  }
}
