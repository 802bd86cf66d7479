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
  private let store: any EventStore
  private let logic: any BusinessLogic
  /// Nil in the classic style: the logic folds events by itself.
  private let states: StateFold?
  /// Nil: whatever comes is stored.
  private let payloads: (any PayloadRule)?
  private let processors: [any SynchronousProcessor]
  private let limits: CommandLimits
  private let environment: Environment
  private let observe: @Sendable (CommandEvent) -> Void
  private let firstAppended: @Sendable () -> Void
  private let hasAppended = Atomic(false)
  private let lanes: Lanes
  private let cache: AggregateCache

  /// - Parameters:
  ///   - states: what keeps the aggregates' states, where the logic is functions.
  ///   - payloads: what commands and events must be; nil: whatever comes is stored.
  ///   - observe: hears what an operator should know; called from any task and for every commit, so
  ///     it must not block, and cost nothing where all is well.
  ///   - firstAppended: hears of the first commit that this handler appends: perhaps the domain's
  ///     first.
  public init(
    store: any EventStore, logic: any BusinessLogic, states: StateFold? = nil,
    payloads: (any PayloadRule)? = nil, processors: [any SynchronousProcessor] = [],
    limits: CommandLimits = CommandLimits(), environment: Environment = .live,
    observe: @escaping @Sendable (CommandEvent) -> Void = { _ in },
    firstAppended: @escaping @Sendable () -> Void = {}
  ) {
    self.store = store
    self.logic = logic
    self.states = states
    self.payloads = payloads
    self.processors = processors
    self.limits = limits
    self.environment = environment
    self.observe = observe
    self.firstAppended = firstAppended
    lanes = Lanes(waitersMax: limits.waitingPerRootMax)
    cache = AggregateCache(bytesMax: limits.cacheBytesMax)
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
    return await process(result, deadline: deadline)
  }

  /// Handles a command for good: where it ends without events, it never leads to any, neither what
  /// another process has under way nor what comes later. Throws as `handle` does.
  ///
  /// - Parameter isFinal: whether an error is the command's end.
  public func conclude(
    _ command: Command, deadline: ContinuousClock.Instant,
    where isFinal: (any Error) -> Bool = { !ErrorStatus($0).mayPass }
  ) async throws -> CommandResult {
    do {
      let result = try await handle(command, deadline: deadline)
      if result.recorded != nil { return result }
      return try await bar(command) ?? result
    } catch {
      guard isFinal(error), let earlier = try await bar(command) else { throw error }
      return earlier
    }
  }

  /// Nil where the command leads to no events any more.
  private func bar(_ command: Command) async throws -> CommandResult? {
    guard let id = command.id else { return nil }
    do {
      return try await store.bar(id, of: command.cover.root).map(CommandResult.init(repeating:))
    } catch { throw EventSourcingError(error) }
  }

  /// Appends facts as they are, without asking business logic. Throws as `handle` does.
  public func record(
    _ book: ProposedBook, on cover: Cover, deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    try await CommitDraft.check(book, from: .client, by: payloads)
    let result = try await lanes.run(on: cover.root) {
      let known = cache.take(cover.root)
      if known.map({ $0.mayHold(book.commandID) }) ?? true,
        let earlier = try await recorded(cover.root, commandID: book.commandID)
      {
        if let known { cache.put(known) }
        return earlier
      }
      return try await append(book, on: cover, known, deadline: deadline)
    }
    return await process(result, deadline: deadline)
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
    var isCached: Bool
    switch try await begin(command, deadline: deadline) {
    case .recorded(let earlier): return earlier
    case .known(let aggregate, let cached): (known, isCached) = (aggregate, cached)
    }
    for _ in 0..<limits.attemptsMax {
      let decision: Result<Decided?, any Error>
      do {
        decision = .success(
          try await decide(command, by: logic, on: known, deadline: deadline))
      } catch { decision = .failure(error) }

      guard case .success(let decided?) = decision else {
        // A refusal, or nothing to do: final only where the logic saw the newest state.
        if isCached, try await next(of: command.cover) != known.aggregate.next {
          known = try await load(command.cover, since: known, deadline: deadline)
          isCached = false
          continue
        }
        cache.put(known)
        // An earlier try of the command may have been stored by another process since it was looked
        // up, and be part of what was refused here.
        if !isCached, let earlier = try await recorded(command.cover.root, commandID: command.id) {
          return earlier
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
      case .barred:
        cache.put(known)
        throw barred(command.id, of: command.cover)
      case .conflict:
        known = try await load(command.cover, since: known, deadline: deadline)
        isCached = false
      }
    }
    if states != nil { cache.put(known) }
    throw contention(on: command.cover)
  }

  private enum Beginning {
    /// The command was carried out before; this is what came of it.
    case recorded(CommandResult)
    /// The aggregate, from memory or as it is stored.
    case known(KnownAggregate, isCached: Bool)
  }

  /// What there is when a command comes. Whether it is a repeat is asked before the logic is, and
  /// only where that can be; a later repeat is found by the append.
  private func begin(
    _ command: Command, deadline: ContinuousClock.Instant
  ) async throws -> Beginning {
    let held = cache.take(command.cover.root)
    let isCached = held?.isWhole == true
    // What is not in memory may take a long fold, or a load that tells the ids besides.
    if isCached || states != nil, held?.mayHold(command.id) ?? true,
      let earlier = try await recorded(command.cover.root, commandID: command.id)
    {
      if let held { cache.put(held) }
      return .recorded(earlier)
    }
    if isCached, let held { return .known(held, isCached: true) }
    let known = try await load(command.cover, since: held, deadline: deadline)
    if states == nil, known.mayHold(command.id),
      let earlier = try await recorded(command.cover.root, commandID: command.id)
    {
      cache.put(known)
      return .recorded(earlier)
    }
    return .known(known, isCached: false)
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

  private var retries: LogicRetries { LogicRetries(environment: environment) }
}

// MARK: - Facts

extension CommandHandler {
  /// Nothing is read first where nothing needs to be: a wrong guess costs one refused append, which
  /// says what is right.
  private func append(
    _ book: ProposedBook, on cover: Cover, _ cached: KnownAggregate?,
    deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    if states != nil, book.snapshot != nil {
      throw EventSourcingError(
        .invalid,
        "snapshot is set, but \(cover.domain) has logic.style functions: its states are what Apply "
          + "makes of events")
    }
    var known = cached
    if book.snapshot != nil && known == nil {
      known = try await load(cover, since: nil, deadline: deadline)
    }
    var next = book.assumedNext ?? known?.end ?? .first
    for _ in 0..<limits.attemptsMax {
      try check(book.expected, against: next, of: cover)
      let draft = CommitDraft(
        author: .client, cover: cover, next: next, snapshot: known?.aggregate.snapshot,
        isSynchronous: book.isSynchronous, bytesMax: limits.commitBytesMax)
      let now = environment.now()
      let commit = Commit(
        cover: cover, id: environment.newCommitID(), pages: try draft.pages(of: book, at: now),
        snapshot: book.snapshot, commandID: book.commandID, origin: book.origin, createdAt: now)
      switch try await append(commit) {
      case .appended(let position):
        if var known, known.end == next {
          if states == nil { known.apply(commit) } else { known.note(commit) }
          cache.put(known)
        }
        return CommandResult(
          Decided(commit: commit, isSynchronous: draft.isSynchronous), at: position)
      case .alreadyHandled(let earlier):
        return CommandResult(repeating: earlier)
      case .barred: throw barred(book.commandID, of: cover)
      case .conflict(let actual):
        known =
          book.snapshot == nil ? nil : try await load(cover, since: nil, deadline: deadline)
        next = known?.aggregate.next ?? actual
      }
    }
    throw contention(on: cover)
  }
}

/// A commit that is to be appended.
private struct Decided {
  var commit: Commit
  /// Whether its events are synchronous: known from before they were encoded.
  var isSynchronous: Bool
  /// The aggregate's state after it; nil in the classic style.
  var state: Bytes?
}

extension CommandResult {
  fileprivate init(_ decided: Decided, at position: Position) {
    self.init(recorded: RecordedCommit(position: position, commit: decided.commit))
    isSynchronous = decided.isSynchronous
  }

  fileprivate init(repeating earlier: RecordedCommit) {
    self.init(recorded: earlier, alreadyHandled: true)
    isSynchronous = earlier.commit.pages.pages.contains(where: \.synchronous)
  }
}

extension ProposedBook {
  /// Whether a page asks for all events of the commit to be synchronous.
  fileprivate var isSynchronous: Bool { pages.contains(where: \.synchronous) }

  /// Where the book starts if the stream is where its author says it is.
  fileprivate var assumedNext: SequenceNumber? {
    if let expected { return expected }
    if case .exactly(let number)? = pages.first?.number { return number }
    return nil
  }
}

// MARK: - The store, with its errors as callers see them

extension CommandHandler {
  private func recorded(_ root: Root, commandID: String?) async throws -> CommandResult? {
    guard let commandID else { return nil }
    do {
      return try await store.commit(of: root, commandID: commandID)
        .map(CommandResult.init(repeating:))
    } catch { throw EventSourcingError(error) }
  }

  /// - Parameter earlier: what was known of it before; the function style goes on from there.
  private func load(
    _ cover: Cover, since earlier: KnownAggregate?, deadline: ContinuousClock.Instant
  ) async throws -> KnownAggregate {
    guard let states else {
      do { return KnownAggregate(try await store.load(cover.root)) } catch {
        throw EventSourcingError(error)
      }
    }
    let end = try await next(of: cover)
    var known: KnownAggregate
    // A store that was set back to an older copy may have less than is known.
    if let earlier, earlier.aggregate.next <= end {
      known = earlier
    } else {
      do { known = try await states.start(cover, in: store) } catch {
        throw EventSourcingError(error)
      }
    }
    known.note(end: end)
    do {
      try await states.bringUp(&known, from: store, asking: retries, deadline: deadline)
    } catch {
      cache.put(known)
      throw (error as? StorageError).map(EventSourcingError.init) ?? error
    }
    return known
  }

  private func next(of cover: Cover) async throws -> SequenceNumber {
    do { return try await store.next(of: cover.root) } catch { throw EventSourcingError(error) }
  }

  /// It stays on the caller's executor: every command passes here, and a switch is not free.
  nonisolated(nonsending) private func append(_ commit: Commit) async throws -> AppendOutcome {
    let span = Span.current?.child(
      "append",
      attributes: [
        SpanAttribute("outrider.domain", .text(commit.cover.domain.text)),
        SpanAttribute("outrider.root", .text(commit.cover.root.description)),
        SpanAttribute("outrider.sequence", .number(Int64(commit.pages.first.rawValue))),
        SpanAttribute("outrider.events", .number(Int64(commit.pages.count))),
      ])
    do {
      let outcome = try await store.append(commit)
      if case .appended = outcome { appended(commit) }
      span?.end(outcome)
      return outcome
    } catch {
      span?.end(isFailed: true)
      observe(.appendFailed(error))
      throw EventSourcingError(error)
    }
  }

  private func appended(_ commit: Commit) {
    observe(.appended(snapshotOf: commit.snapshot == nil ? nil : commit.cover))
    guard !hasAppended.load(ordering: .relaxed), !hasAppended.exchange(true, ordering: .relaxed)
    else { return }
    firstAppended()
  }

  private func check(
    _ expected: SequenceNumber?, against next: SequenceNumber, of cover: Cover
  ) throws(EventSourcingError) {
    guard let expected, expected != next else { return }
    throw EventSourcingError(
      .precondition,
      "expected.next is \(expected), but the next event of \(cover) is number \(next): "
        + "read the aggregate and decide again")
  }

  private func barred(_ id: String?, of cover: Cover) -> EventSourcingError {
    EventSourcingError(
      .precondition,
      "command \(id ?? "") of \(cover) has ended without events, for good: give a new command an id "
        + "of its own")
  }

  private func contention(on cover: Cover) -> EventSourcingError {
    EventSourcingError(
      .conflict,
      "other writers of \(cover) were faster \(limits.attemptsMax) times: send the command again")
  }
}

extension Span {
  /// Ends the span of an append.
  fileprivate func end(_ outcome: AppendOutcome) {
    switch outcome {
    case .appended(let position): set("outrider.position", position.number)
    case .alreadyHandled: set("outrider.append", "already handled")
    case .barred: set("outrider.append", "barred")
    case .conflict: set("outrider.append", "conflict")
    }
    end()
  }
}

// MARK: - Synchronous processing

extension CommandHandler {
  /// Lets synchronous projectors and sagas handle what was recorded, where it asks for it.
  private func process(
    _ result: CommandResult, deadline: ContinuousClock.Instant
  ) async -> CommandResult {
    guard !processors.isEmpty, result.isSynchronous, let commit = result.recorded?.commit
    else { return result }
    let book = EventBook(commit)
    // A tenth of the time is kept back: the caller must hear that the events are durable.
    let start = environment.instant()
    let bound = start + (deadline - start) * 0.9
    var result = result
    let outcomes = await withTaskGroup(
      of: (Int, Result<ProcessorOutcome, ProcessorFailure>).self
    ) { group in
      for (index, processor) in processors.enumerated() {
        group.addTask { [environment] in
          (index, await processor.run(book, until: bound, in: environment))
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for (_, outcome) in outcomes.sorted(by: { $0.0 < $1.0 }) {
      switch outcome {
      case .success(let made):
        result.projections += made.projections
        result.books += made.books
      case .failure(let failure): result.failures.append(failure)
      }
    }
    return result
  }
}

extension SynchronousProcessor {
  fileprivate func run(
    _ book: EventBook, until deadline: ContinuousClock.Instant, in environment: Environment
  ) async -> Result<ProcessorOutcome, ProcessorFailure> {
    let timeLeft = deadline - environment.instant()
    let outcome = await within(timeLeft, sleep: environment.sleep) {
      do throws(ProcessorFailure) {
        return Result<_, ProcessorFailure>.success(try await process(book, deadline: deadline))
      } catch { return .failure(error) }
    }
    return outcome
      ?? .failure(
        ProcessorFailure(
          processor: name, cover: book.cover, statusCode: .deadlineExceeded,
          message: "it did not finish before the command's deadline; the events come again later"))
  }
}
