import EventModel
import StatusCodes
import Synchronization
import Timing
import Tracing

/// Takes commands for the aggregates of one domain: asks business logic, and makes what it
/// decides durable.
///
/// Commands for one aggregate are handled one after the other. Other processes may write the same
/// aggregates: the append finds out, and the logic is asked again on the newer state.
public final class CommandHandler: Sendable {
  let store: any EventStore
  private let logic: any BusinessLogic
  /// Nil in the classic style: the logic folds events by itself.
  let states: StateFold?
  /// Nil: whatever comes is stored.
  let payloads: (any PayloadRule)?
  private let processing: SynchronousProcessing
  let limits: CommandLimits
  let environment: Environment
  let observe: @Sendable (CommandEvent) -> Void
  let firstAppended: @Sendable () -> Void
  let hasAppended = Atomic(false)
  private let lanes: Lanes
  let cache: AggregateCache

  /// - Parameters:
  ///   - states: what keeps the aggregates' states, where the logic is functions.
  ///   - payloads: what commands and events must be; nil: whatever comes is stored.
  ///   - memory: what aggregates may take that were used lately; shared with other domains.
  ///   - observe: hears what an operator should know; called from any task and for every commit, so
  ///     it must not block, and cost nothing where all is well.
  ///   - firstAppended: hears of the first commit that this handler appends: perhaps the domain's
  ///     first.
  public init(
    store: any EventStore, logic: any BusinessLogic, states: StateFold? = nil,
    payloads: (any PayloadRule)? = nil, processors: [any SynchronousProcessor] = [],
    limits: CommandLimits = CommandLimits(), memory: AggregateMemory = AggregateMemory(),
    environment: Environment = .live,
    observe: @escaping @Sendable (CommandEvent) -> Void = { _ in },
    firstAppended: @escaping @Sendable () -> Void = {}
  ) {
    self.store = store
    self.logic = logic
    self.states = states
    self.payloads = payloads
    processing = SynchronousProcessing(processors: processors, environment: environment)
    self.limits = limits
    self.environment = environment
    self.observe = observe
    self.firstAppended = firstAppended
    lanes = Lanes(waitersMax: limits.waitingPerRootMax)
    cache = memory.open()
  }

  /// Handles a command. What it answers is durable.
  ///
  /// Throws `EventSourcingError`, the logic's own refusal as it came, or `CancellationError`.
  /// Nothing was appended then, with two exceptions: after `.unavailable`, and where the task was
  /// cancelled, the store may still have carried the append out. A command id makes it safe to send
  /// the command again.
  ///
  /// - Parameter logic: who decides about this one command; nil: the domain's logic.
  public func handle(
    _ command: Command, by logic: (any BusinessLogic)? = nil, deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    let logic = logic ?? self.logic
    if let flaw = try await payloads?.flaw(of: command) { throw EventSourcingError(.invalid, flaw) }
    let result = try await lanes.run(on: command.cover.root) {
      try await decideAndAppend(command, by: logic, deadline: deadline)
    }
    return await processing.process(result, deadline: deadline)
  }

  /// Handles a command for good: where it ends without events, it never leads to any, neither what
  /// another process has under way nor what comes later, and is answered as it ended. Throws as
  /// `handle` does.
  ///
  /// - Parameter isFinal: whether an error is the command's end.
  public func conclude(
    _ command: Command, deadline: ContinuousClock.Instant,
    where isFinal: (any Error) -> Bool = { !ErrorStatus($0).mayPass }
  ) async throws -> CommandResult {
    let outcome: Result<CommandResult, any Error>
    let end: EndWithoutEvents
    do {
      let result = try await handle(command, deadline: deadline)
      if result.recorded != nil { return result }
      (outcome, end) = (.success(result), .nothingToDo)
    } catch {
      guard isFinal(error) else { throw error }
      (outcome, end) = (.failure(error), .refused(ErrorStatus(error)))
    }
    let conclusion = try await bar(command, as: end)
    if conclusion == .barred(end) { return try outcome.get() }
    return try answer(conclusion, to: command.id, of: command.cover)
  }

  /// Appends facts as they are, without asking business logic. Throws as `handle` does.
  public func record(
    _ book: ProposedBook, on cover: Cover, deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    try await CommitDraft.check(book, from: .client, by: payloads)
    let result = try await lanes.run(on: cover.root) {
      let known = cache.take(cover.root)
      if known.map({ $0.mayHold(book.commandID) }) ?? true,
        let earlier = try await conclusion(of: cover.root, commandID: book.commandID)
      {
        if let known { cache.put(known) }
        return try answer(earlier, to: book.commandID, of: cover)
      }
      return try await append(book, on: cover, known, deadline: deadline)
    }
    return await processing.process(result, deadline: deadline)
  }
}

// MARK: - What is in memory

extension CommandHandler {
  /// The aggregate as this process has it in memory; others may have appended to it since. Nil
  /// where it is not there, or a command is at work on it.
  func remembered(_ root: Root) -> Aggregate? { cache.look(at: root) }

  /// Forgets all aggregates: others may have been at work on them for long.
  func forget() { cache.removeAll() }
}

// MARK: - A command

extension CommandHandler {
  private func decideAndAppend(
    _ command: Command, by logic: any BusinessLogic, deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    var known: KnownAggregate
    var mayBeStale: Bool
    switch try await begin(command, deadline: deadline) {
    case .ended(let earlier): return try answer(earlier, to: command.id, of: command.cover)
    case .known(let aggregate, let isUnsure): (known, mayBeStale) = (aggregate, isUnsure)
    }
    for _ in 0..<limits.attemptsMax {
      let decision: Result<Decided?, any Error>
      do {
        decision = .success(
          try await decide(command, by: logic, on: known, deadline: deadline))
      } catch { decision = .failure(error) }

      guard case .success(let decided?) = decision else {
        // A refusal, or nothing to do: final only where the logic saw the newest state.
        if mayBeStale, try await next(of: command.cover) != known.aggregate.next {
          known = try await load(command.cover, since: known, deadline: deadline)
          mayBeStale = false
          continue
        }
        cache.put(known)
        // An earlier try of the command may have been stored by another process since it was looked
        // up, and be part of what was refused here. Or it has ended without events before, when the
        // logic said something else.
        if let earlier = try await conclusion(of: command.cover.root, commandID: command.id) {
          return try answer(earlier, to: command.id, of: command.cover)
        }
        _ = try decision.get()
        return CommandResult()
      }
      switch try await append(decided.commit) {
      case .appended(let position):
        if let state = decided.state {
          known.apply(decided.commit, leadingTo: state)
        } else {
          known.apply(decided.commit)
        }
        cache.put(known)
        return CommandResult(decided, at: position)
      case .alreadyHandled(let earlier):
        if states != nil { cache.put(known) }
        return CommandResult(repeating: earlier)
      case .barred(let end):
        cache.put(known)
        return try answer(.barred(end), to: command.id, of: command.cover)
      case .conflict:
        known = try await load(command.cover, since: known, deadline: deadline)
        mayBeStale = false
      }
    }
    if states != nil { cache.put(known) }
    throw contention(on: command.cover)
  }

  private enum Beginning {
    /// The command has ended before.
    case ended(CommandConclusion)
    /// The aggregate: as it is stored, or from memory, or guessed, so that it may be stale.
    case known(KnownAggregate, mayBeStale: Bool)
  }

  /// What there is when a command comes. Whether it is a repeat is asked before the logic is, and
  /// only where that can be; a later repeat is found by the append.
  private func begin(
    _ command: Command, deadline: ContinuousClock.Instant
  ) async throws -> Beginning {
    let held = cache.take(command.cover.root)
    if held == nil, isProbablyFirst(command) {
      return .known(KnownAggregate(Aggregate(cover: command.cover)), mayBeStale: true)
    }
    let isCached = held?.isWhole == true
    // What is not in memory may take a long fold, or a load that tells the ids besides.
    if isCached || states != nil, held?.mayHold(command.id) ?? true,
      let earlier = try await conclusion(of: command.cover.root, commandID: command.id)
    {
      if let held { cache.put(held) }
      return .ended(earlier)
    }
    if isCached, let held { return .known(held, mayBeStale: true) }
    let known = try await load(command.cover, since: held, deadline: deadline)
    if states == nil, known.mayHold(command.id),
      let earlier = try await conclusion(of: command.cover.root, commandID: command.id)
    {
      cache.put(known)
      return .ended(earlier)
    }
    return .known(known, mayBeStale: false)
  }

  /// Whether nothing need be read to guess that the aggregate has no events: its client says so, or
  /// its root was made just now. A wrong guess costs one refused append, and the logic is asked
  /// again.
  private func isProbablyFirst(_ command: Command) -> Bool {
    command.expected == .first
      || command.cover.root.claimsToBeMade(within: .seconds(1), of: environment.now())
  }

  /// What the logic wants appended; nil where it sees nothing to do.
  private func decide(
    _ command: Command, by logic: any BusinessLogic, on known: KnownAggregate,
    deadline: ContinuousClock.Instant
  ) async throws -> Decided? {
    let aggregate = known.aggregate
    try check(command.expected, against: aggregate.next, of: command.cover)
    if states == nil, aggregate.historyByteCount >= limits.historyBytesWarned {
      observe(
        .longHistory(
          command.cover, eventCount: aggregate.pages.count, byteCount: aggregate.historyByteCount))
    }
    let book = try await retries.ask(about: command.cover, until: deadline) {
      () throws(LogicError) in
      try await logic.handle(command, on: aggregate, deadline: deadline)
    }
    let draft = CommitDraft(
      author: .logic, cover: command.cover, next: aggregate.next, snapshot: aggregate.snapshot,
      isSynchronous: command.isSynchronous || book.isSynchronous,
      bytesMax: limits.commitBytesMax)
    let now = environment.now()
    let pages = try draft.pages(of: book, at: now)
    if pages.isEmpty { return nil }
    try await CommitDraft.check(book, from: .logic, by: payloads)
    var commit = Commit(
      cover: command.cover, id: environment.newCommitID(), pages: pages, snapshot: book.snapshot,
      commandID: command.id, origin: command.origin, createdAt: now)
    let state = try await states?.apply(
      new: pages, to: aggregate, asking: retries, deadline: deadline)
    if let state, let states, states.isSnapshotDue(after: pages, of: known) {
      commit.snapshot = snapshot(of: state, with: pages, of: command.cover)
    }
    return Decided(commit: commit, isSynchronous: draft.isSynchronous, state: state)
  }

  /// Nil where the state does not fit into the commit: it is kept in memory alone.
  private func snapshot(of state: Bytes, with pages: PageBlock, of cover: Cover) -> Snapshot? {
    let fits = pages.bytes.count + state.count <= limits.commitBytesMax
    guard fits || limits.snapshotsLieElsewhere else {
      observe(.stateTooLarge(cover, byteCount: state.count))
      return nil
    }
    return Snapshot(sequence: pages.last, state: state)
  }

  var retries: LogicRetries { LogicRetries(environment: environment) }
}
