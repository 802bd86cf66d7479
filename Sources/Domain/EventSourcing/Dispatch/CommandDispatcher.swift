import EventModel
import Synchronization
import Timing

/// Accepts one domain's commands for asynchronous execution, and reports their state.
public final class CommandDispatcher: Sendable {
  let journal: CommandJournal
  /// The domain's own events.
  let events: any EventStore
  private let limits: CommandLimits
  /// Nil: every payload is accepted.
  private let payloads: (any PayloadRule)?
  private let environment: Environment
  private let firstStored: @Sendable () -> Void
  private let hasStored = Atomic(false)
  private let lanes: Lanes
  private let endings: CommandEndings

  /// - Parameters:
  ///   - events: the domain's own event store.
  ///   - payloads: checks the commands' payloads; nil: accept all.
  ///   - awaitedMax: concurrent calls that wait for an outcome; the next one is refused.
  ///   - firstStored: called with the first command stored here, which may be the domain's first.
  public init(
    _ journal: CommandJournal, events: any EventStore, limits: CommandLimits = CommandLimits(),
    payloads: (any PayloadRule)? = nil, awaitedMax: Int = 10_000, environment: Environment = .live,
    firstStored: @escaping @Sendable () -> Void = {}
  ) {
    self.journal = journal
    self.events = events
    self.limits = limits
    self.payloads = payloads
    self.environment = environment
    self.firstStored = firstStored
    lanes = Lanes(waitersMax: limits.waitingPerRootMax)
    endings = CommandEndings(
      in: journal.store, waitersMax: awaitedMax, environment: environment)
  }

  /// Stores a command durably: it will be executed, or expire.
  ///
  /// - Parameter dispatched: must have an id. Its command's origin is stored beside it.
  /// - Returns: true for a repeat; nothing was stored then.
  public func dispatch(_ dispatched: DispatchedCommand) async throws -> Bool {
    let command = dispatched.command
    let id = try dispatched.checkedID()
    if let flaw = try await payloads?.flaw(of: command) {
      throw EventSourcingError(.invalid, "command.\(flaw)")
    }
    let body = journal.body(of: .dispatched(dispatched))
    guard body.count <= limits.commitBytesMax else {
      throw EventSourcingError(
        .invalid,
        "the command takes \(body.count) bytes, but a commit may take \(limits.commitBytesMax) "
          + "(limit.commit-size): store large payloads elsewhere")
    }
    let earlier = try await lanes.run(on: command.cover.root) {
      try await journal.append(body, to: command.cover.root, as: id, origin: command.origin)
    }
    if !hasStored.exchange(true, ordering: .relaxed) { firstStored() }
    return earlier != nil
  }

  /// The state of a command. Throws NOT_FOUND if it was never dispatched.
  public func standing(of reference: CommandReference) async throws -> CommandStanding {
    try await standing(of: try await command(reference))
  }

  func standing(of stored: StoredCommand) async throws -> CommandStanding {
    var standing = CommandStanding(stored)
    guard let (end, endedAt) = try await journal.end(of: stored) else { return standing }
    standing.endedAt = endedAt
    standing.end = end
    if case .appended(let span, _) = end {
      standing.events = try await eventBook(of: stored.command.cover, at: span)
    }
    return standing
  }

  private func command(_ reference: CommandReference) async throws -> StoredCommand {
    guard
      let stored = try await journal.command(reference.commandID, of: reference.cover.root)
    else {
      throw EventSourcingError(
        .notFound, "no command \(reference.commandID) was dispatched to \(reference.cover)")
    }
    return stored
  }

  private func eventBook(of cover: Cover, at span: EventSpan) async throws -> EventBook {
    let commits = try await events.commits(
      of: cover.root, from: span.first, limit: ReadLimit(count: 1))
    guard let recorded = commits.first, recorded.commit.pages.first == span.first else {
      throw EventSourcingError(
        .dataLoss, "the command led to event \(span.first) of \(cover), which is not there")
    }
    return EventBook(recorded)
  }

  /// Waits until a command has ended, or until shortly before the deadline.
  ///
  /// - Returns: the state at that time. Throws as `standing` does, and `.exhausted` if too many
  ///   calls wait.
  public func outcome(
    of reference: CommandReference, until deadline: ContinuousClock.Instant
  ) async throws -> CommandStanding {
    let stored = try await command(reference)
    let now = try await standing(of: stored)
    if now.end != nil { return now }
    let patience = deadline - environment.instant()
    let end = deadline - min(patience / 10, .milliseconds(100))
    return try await endings.wait(for: reference, until: end) {
      let standing = try await self.standing(of: stored)
      return (standing, isOver: standing.end != nil)
    }
  }

  /// Cancels a command that is not due yet. Idempotent.
  ///
  /// Throws NOT_FOUND as `standing` does, and FAILED_PRECONDITION if it is due or has ended.
  public func cancel(_ reference: CommandReference) async throws -> CommandStanding {
    let stored = try await command(reference)
    if stored.isDelayed {
      let end = EndedCommand(
        commandID: reference.commandID, .cancelled, dispatched: stored.sequence)
      _ = try await journal.append(
        journal.body(of: .ended(end)), to: stored.root, as: stored.keys.due,
        origin: stored.followingOrigin, guess: stored.sequence.next)
    }
    let standing = try await standing(of: stored)
    guard standing.end == .cancelled else {
      throw EventSourcingError(
        .precondition, "command \(reference.commandID) \(standing.reasonNotToCancel)")
    }
    // An entry added later has no effect either.
    try await journal.store.strike(
      [AgendaKey(root: stored.root, sequence: stored.sequence)],
      from: .dueCommands(ofPartition: stored.position.partition))
    return standing
  }

  /// Passes the outcomes of commands from now on to `body`, until cancelled.
  ///
  /// - Parameters:
  ///   - hold: called with the bytes read ahead of `body` from now on, negative if released. May
  ///     end the watch by throwing.
  ///   - body: called for one at a time.
  public func watch(
    hold: @escaping @Sendable (Int) async throws -> Void = { _ in },
    _ body: @escaping @Sendable (CommandStanding) async throws -> Void
  ) async throws {
    try await endings.follow(hold: hold) { recorded in
      guard let keys = StepKeys(endedBy: recorded.commit.commandID),
        try self.journal.end(in: recorded) != nil,
        let stored = try await self.journal.command(keys.id, of: recorded.commit.cover.root)
      else { return }
      try await body(try await self.standing(of: stored))
    }
  }
}

extension DispatchedCommand {
  /// The command's id. Throws `.invalid` if the command could never be stored.
  @discardableResult
  public func checkedID() throws(EventSourcingError) -> String {
    guard let id = command.id else {
      preconditionFailure("a command is dispatched under an id")
    }
    let bytesMax = 255 - StepKeys.prefixByteCount
    guard !Name(id).isInternal, id.utf8.count <= bytesMax else {
      throw EventSourcingError(
        .invalid,
        "command.command_id of a dispatched command must be at most \(bytesMax) bytes, and not "
          + "begin with $, got \(id)")
    }
    let domain = command.cover.domain
    guard Name.commands(of: domain).utf8.count <= 255 else {
      throw EventSourcingError(
        .invalid,
        "commands can be dispatched to domains whose names are at most 245 bytes, got "
          + "\(domain.utf8.count)")
    }
    if let notBefore, let expiresAt, expiresAt <= notBefore {
      throw EventSourcingError(
        .invalid, "expires_at must be later than not_before: the command would never be due")
    }
    return id
  }
}

/// The state of a dispatched command.
public struct CommandStanding: Equatable, Sendable {
  public var dispatched: DispatchedCommand
  public var dispatchedAt: Timestamp
  /// Nil while it has not ended.
  public var end: CommandEnd?
  public var endedAt: Timestamp?
  /// The events that it led to, if any.
  public var events: EventBook?

  init(_ stored: StoredCommand) {
    dispatched = stored.dispatched
    dispatchedAt = stored.dispatchedAt
  }

  /// Completes a message that begins with the command's name.
  fileprivate var reasonNotToCancel: String {
    switch end {
    case nil: "is due already, and is being carried out"
    case .appended(_, let position): "has ended: its events stand at position \(position)"
    case .nothingToDo: "has ended: there was nothing to do"
    case .refused(_, let message): "has ended: it was refused: \(message)"
    case .expired: "has ended: it expired"
    case .cancelled: "has ended: it was cancelled"
    }
  }
}

extension StoredCommand {
  /// The origin of the command's later events: they share its correlation.
  var followingOrigin: Origin {
    let correlation = command.origin.correlation
    return Origin(correlation: correlation.isEmpty ? command.id ?? "" : correlation)
  }
}

extension SequenceNumber {
  /// The following number; itself on overflow.
  var next: SequenceNumber { advanced(by: 1) ?? self }
}

extension Name {
  /// The agenda of commands that are not due yet.
  public static func dueCommands(ofPartition partition: UInt32) -> Name { Name("due/\(partition)") }
}
