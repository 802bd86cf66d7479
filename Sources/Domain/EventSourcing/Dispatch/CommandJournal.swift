import EventModel
import Timing

/// What is stored of the commands that were dispatched to one domain: events of its internal
/// domain, in the streams of the commands' own roots.
///
/// Every step of a command has a command id of its own in the stream, so that it is taken once,
/// whoever is first: being dispatched the command's id, coming due `$due:` and the id, ending
/// `$end:` and the id. What is cancelled never comes due, so that end stands under `$due:`.
public struct CommandJournal: Sendable {
  /// Whose commands these are.
  public let domain: Name
  let store: any DomainStore
  private let codec: any DispatchCodec
  let environment: Environment

  /// - Parameters:
  ///   - domain: whose commands these are.
  ///   - store: of `Name.commands(of: domain)`.
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

  /// What a stored event of an aggregate's stream is.
  func event(_ page: EventPage, of root: Root) throws(EventSourcingError) -> DispatchEvent {
    do { return try codec.event(in: page.body) } catch {
      throw EventSourcingError(
        .dataLoss,
        "event \(page.sequence) of \(Cover(domain: store.domain, root: root)) is none that "
          + "Outrider stored: \(error)")
    }
  }

  /// Takes a step, unless it was taken before.
  ///
  /// - Parameters:
  ///   - id: what makes it unique in the stream.
  ///   - guess: where the stream ends, perhaps.
  /// - Returns: the commit that took it before; nil: this one did.
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
      case .barred: preconditionFailure("the steps of commands are barred by nobody")
      // Each conflict is another's success, so it comes to an end.
      case .conflict(let actual): next = actual
      }
    }
  }
}

// MARK: - Reading

/// A dispatched command as it is stored.
struct StoredCommand: Sendable {
  /// Its command has the origin with which it was taken.
  var dispatched: DispatchedCommand
  var sequence: SequenceNumber
  var dispatchedAt: Timestamp
  var position: Position

  var command: Command { dispatched.command }
  var root: Root { command.cover.root }
  /// Whether its time had not come when it was dispatched. It can be cancelled until it comes.
  var isDelayed: Bool { dispatched.notBefore.map { $0 > dispatchedAt } ?? false }
  var keys: StepKeys { StepKeys(command.id ?? "") }
}

/// The command ids of the steps of a dispatched command.
struct StepKeys {
  private static let end: Name = "$end:"
  private static let due: Name = "$due:"
  /// What such an id adds to the command's own.
  static let prefixByteCount = 5

  /// The command's own id.
  let id: String
  var due: String { Self.due.text + id }
  var end: String { Self.end.text + id }

  init(_ id: String) { self.id = id }

  /// The command that ends with a commit of this command id, perhaps; nil for any other.
  init?(endedBy key: String?) {
    guard let key = key.bytewise, key.hasPrefix(Self.end) || key.hasPrefix(Self.due) else {
      return nil
    }
    self.init(String(decoding: key.utf8.dropFirst(Self.prefixByteCount), as: UTF8.self))
  }
}

extension CommandJournal {
  /// The command of this id; nil where none was dispatched.
  func command(_ id: String, of root: Root) async throws -> StoredCommand? {
    guard let found = try await store.commit(of: root, commandID: id) else { return nil }
    return try command(in: found)
  }

  /// The command that was dispatched by this event; nil where it is another one.
  func command(of root: Root, at sequence: SequenceNumber) async throws -> StoredCommand? {
    guard
      let found = try await store.commits(of: root, from: sequence, limit: ReadLimit(count: 1))
        .first
    else { return nil }
    return try command(in: found)
  }

  /// Nil where the commit holds another event.
  func command(in recorded: RecordedCommit) throws -> StoredCommand? {
    guard let page = recorded.commit.pages.pages.first,
      case .dispatched(var dispatched) = try event(page, of: recorded.commit.cover.root)
    else { return nil }
    dispatched.command.origin = recorded.commit.origin
    return StoredCommand(
      dispatched: dispatched, sequence: page.sequence, dispatchedAt: page.createdAt,
      position: recorded.position)
  }

  /// How a command ended; nil where it has not.
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

  /// Nil where the commit holds another event.
  func end(in recorded: RecordedCommit) throws -> (end: CommandEnd, at: Timestamp)? {
    guard let page = recorded.commit.pages.pages.first,
      case .ended(let ended) = try event(page, of: recorded.commit.cover.root)
    else { return nil }
    return (ended.end, recorded.commit.createdAt)
  }
}
