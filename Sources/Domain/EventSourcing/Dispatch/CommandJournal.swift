import EventModel
import Timing

/// The stored events of commands dispatched to one domain: events of its internal domain, in the
/// streams of the commands' own roots.
///
/// Every step of a command has its own command id in the stream, so the first writer of a step
/// wins. Dispatch uses the command's id, coming due `$due:` and the id, the end `$end:` and the
/// id. A cancellation is written as `$due:`, so it excludes coming due.
public struct CommandJournal: Sendable {
  /// The domain that the commands are for.
  public let domain: Name
  let store: any DomainStore
  private let codec: any DispatchCodec
  let environment: Environment

  /// - Parameters:
  ///   - domain: the domain that the commands are for.
  ///   - store: the store of `Name.commands(of: domain)`.
  public init(
    of domain: Name, store: any DomainStore, codec: any DispatchCodec,
    environment: Environment = .live
  ) {
    self.domain = domain
    self.store = store
    self.codec = codec
    self.environment = environment
  }

  func body(of event: DispatchEvent) -> Bytes { codec.body(of: event) }

  /// Decodes a stored event. Throws `.dataLoss` if Outrider did not write it.
  func event(_ page: EventPage, of root: Root) throws(EventSourcingError) -> DispatchEvent {
    do { return try codec.event(in: page.body) } catch {
      throw EventSourcingError(
        .dataLoss,
        "event \(page.sequence) of \(Cover(domain: store.domain, root: root)) is none that "
          + "Outrider stored: \(error)")
    }
  }

  /// Appends a step, unless it was appended before.
  ///
  /// - Parameters:
  ///   - id: the step's unique command id in the stream.
  ///   - guess: the expected end of the stream, which may be wrong.
  /// - Returns: the earlier commit of this step; nil if this call appended it.
  func append(
    _ body: Bytes, to root: Root, as id: String, origin: Origin, guess: SequenceNumber = .first
  ) async throws(StorageError) -> RecordedCommit? {
    var next = guess
    while true {
      let now = environment.now()
      var pages = PageBlock(emptyAt: next)
      pages.append(EventPage(sequence: next, createdAt: now, body: body))
      let commit = Commit(
        cover: Cover(domain: store.domain, root: root), id: environment.newCommitID(),
        pages: pages, commandID: id, origin: origin, createdAt: now)
      switch try await store.append(commit) {
      case .appended: return nil
      case .alreadyHandled(let earlier): return earlier
      case .barred: preconditionFailure("a command's step is never barred")
      // Each conflict is another writer's success, so the loop ends.
      case .conflict(let actual): next = actual
      }
    }
  }
}

// MARK: - Reading

/// A dispatched command as stored.
struct StoredCommand: Sendable {
  /// Its command has the origin that came with it.
  var dispatched: DispatchedCommand
  var sequence: SequenceNumber
  var dispatchedAt: Timestamp
  var position: Position

  var command: Command { dispatched.command }
  var root: Root { command.cover.root }
  /// Whether it was dispatched with a later due time. It can be cancelled until it is due.
  var isDelayed: Bool { dispatched.notBefore.map { $0 > dispatchedAt } ?? false }
  var keys: StepKeys { StepKeys(command.id ?? "") }
}

/// The command ids of the steps of a dispatched command.
struct StepKeys {
  private static let end: Name = "$end:"
  private static let due: Name = "$due:"
  /// The bytes that a prefix adds to the command's id.
  static let prefixByteCount = 5

  /// The command's own id.
  let id: String
  var due: String { Self.due.text + id }
  var end: String { Self.end.text + id }

  init(_ id: String) { self.id = id }

  /// The command that a commit with this command id may end; nil for any other id.
  init?(endedBy key: String?) {
    guard let key = key.bytewise, let id = key.after(Self.end) ?? key.after(Self.due) else {
      return nil
    }
    self.init(id.text)
  }
}

extension CommandJournal {
  /// The command with this id; nil if none was dispatched.
  func command(_ id: String, of root: Root) async throws -> StoredCommand? {
    guard let found = try await store.commit(of: root, commandID: id) else { return nil }
    return try command(in: found)
  }

  /// The command that this event dispatched; nil if the event is of another kind.
  func command(of root: Root, at sequence: SequenceNumber) async throws -> StoredCommand? {
    guard
      let found = try await store.commits(of: root, from: sequence, limit: ReadLimit(count: 1))
        .first
    else { return nil }
    return try command(in: found)
  }

  /// Nil if the commit holds another event.
  func command(in recorded: RecordedCommit) throws -> StoredCommand? {
    guard let page = recorded.commit.pages.pages.first,
      case .dispatched(var dispatched) = try event(page, of: recorded.commit.cover.root)
    else { return nil }
    dispatched.command.origin = recorded.commit.origin
    return StoredCommand(
      dispatched: dispatched, sequence: page.sequence, dispatchedAt: page.createdAt,
      position: recorded.position)
  }

  /// The outcome of a command; nil while it has not ended.
  func end(of stored: StoredCommand) async throws -> (end: CommandEnd, at: Timestamp)? {
    if stored.isDelayed {
      guard let due = try await store.commit(of: stored.root, commandID: stored.keys.due) else {
        return nil
      }
      if let end = try end(in: due) { return end }
    }
    guard let found = try await store.commit(of: stored.root, commandID: stored.keys.end) else {
      return nil
    }
    return try end(in: found)
  }

  /// Nil if the commit holds another event.
  func end(in recorded: RecordedCommit) throws -> (end: CommandEnd, at: Timestamp)? {
    guard let page = recorded.commit.pages.pages.first,
      case .ended(let ended) = try event(page, of: recorded.commit.cover.root)
    else { return nil }
    return (ended.end, recorded.commit.createdAt)
  }
}
