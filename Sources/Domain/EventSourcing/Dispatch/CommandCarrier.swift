import EventModel
import StatusCodes
import Timing

/// Executes the commands dispatched to one domain: calls the domain's command handler until an
/// answer ends each command.
///
/// It consumes the internal domain's log through a subscription. A command with a later due time
/// is entered in an agenda. Coming due is an event of the same stream, and the command executes
/// at that event. So commands for one aggregate execute one at a time, in the order in which they
/// became due.
public final class CommandCarrier: BookConsumer {
  /// The subscription's name.
  public static let subscription: Name = "commands"

  public let name = subscription
  public let joinsCommits = false
  private let journal: CommandJournal
  private let events: any EventStore
  private let handler: @Sendable () async throws -> CommandHandler
  private let environment: Environment
  private let due: AgendaRunner
  private let progress = ConsumerProgress()
  /// A retry of a parked aggregate may run while new events of it arrive.
  private let lanes = Lanes(waitersMax: .max)
  private let gapReadLimit = ReadLimit(count: 256, bytes: 1 << 20)

  /// - Parameters:
  ///   - partition: the partition of the internal domain's log.
  ///   - events: the domain's own event store.
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

  /// Writes due events when it is time. Runs beside the subscription, as its companion.
  public func companion() async throws { try await due.run() }

  public func begin() { progress.forget() }

  public func consume(
    _ book: EventBook, isNew: Bool, deadline: ContinuousClock.Instant
  ) async throws {
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

  /// Reads commits that arrived while the aggregate was parked from its stream.
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

  /// Executes the command. Throws `LogicError.unavailable` to be tried again.
  private func end(
    of stored: StoredCommand, deadline: ContinuousClock.Instant
  ) async throws -> CommandEnd {
    var deadline = deadline
    if let expiresAt = stored.dispatched.expiresAt {
      let rest = expiresAt.duration(since: environment.now())
      guard rest > .zero else {
        // An earlier try may be under way, or stored although its answer was lost.
        return CommandEnd(
          try await events.bar(stored.keys.id, of: stored.root, as: .expired))
      }
      deadline = min(deadline, environment.instant() + rest)
    }
    let handler: CommandHandler
    do { handler = try await self.handler() } catch {
      throw LogicError.unavailable(ErrorStatus(error).message)
    }
    do {
      let result = try await handler.conclude(stored.command, deadline: deadline)
      return result.recorded.map { CommandEnd(.appended($0)) } ?? .nothingToDo
    } catch let error as EventSourcingError where error.code == .expired {
      return .expired
    } catch {
      let status = ErrorStatus(error)
      guard !status.mayPass else {
        throw LogicError.unavailable(
          "command \(stored.keys.id) is tried again: \(status.message)")
      }
      return .refused(status.code, message: status.message)
    }
  }

  public func next(of root: Root) async throws(StorageError) -> SequenceNumber {
    // Without progress, delivery starts at the first event: ended commands are recognised as
    // such.
    progress.next(of: root) ?? .first
  }

  public func skip(_ root: Root, upTo next: SequenceNumber) async throws {
    try await lanes.run(on: root) {
      if progress.next(of: root) ?? .first < next { progress.note(next, of: root) }
    }
  }

  /// A refusal by the logic ends the command, so there is nothing to store.
  public func setAside(_ cover: Cover, deadline: ContinuousClock.Instant) async throws -> Bool {
    false
  }
}

extension CommandEnd {
  fileprivate init(_ conclusion: CommandConclusion) {
    self =
      switch conclusion {
      case .appended(let recorded): .appended(EventSpan(recorded.commit.pages), recorded.position)
      case .barred(.nothingToDo): .nothingToDo
      case .barred(.refused(let status)):
        .refused(status.code, message: status.message)
      case .barred(.expired): .expired
      }
  }
}

extension StoredCommand {
  /// Restores the command from a book of the log, which has the command's id as correlation if
  /// the command has none.
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
  /// Writes the due event of a command, unless it was cancelled.
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
