internal import EventModel
public import FoundationEssentials
internal import RPC
internal import Timing
internal import Wire

/// Creates, updates and finds the aggregates of one type.
///
/// Each command has an id. While a sidecar is away or slow, the same command is retried, for
/// `timeout` in all: it happens once. Each method throws
/// - `Refused` if the logic, or the sidecar, refuses,
/// - `Unavailable` if the timeout passes; a command may have been stored.
public struct Aggregates<Aggregate: OutriderClient.Aggregate>: Sendable {
  public let domain: String
  private let connection: Connection

  public init(
    _ type: Aggregate.Type = Aggregate.self, of domain: String, at connection: Connection
  ) {
    self.domain = domain
    self.connection = connection
  }

  /// Sends the first command of a new aggregate.
  ///
  /// - Parameters:
  ///   - root: the new aggregate's root; nil: derived from the trigger, or random.
  ///   - trigger, step, commandID, headers: as for `update`.
  ///
  /// Throws `Conflict` if the aggregate exists.
  @discardableResult
  public func create(
    _ command: some Payload, root: UUID? = nil, trigger: Event? = nil, step: String = "",
    commandID: String? = nil, headers: [String: String] = [:], timeout: Duration = defaultTimeout
  ) async throws -> Stored {
    let root = root ?? trigger?.derivedID(step: step) ?? UUID()
    return try await update(
      root, command, expected: 0, trigger: trigger, step: step, commandID: commandID,
      headers: headers, timeout: timeout)
  }

  /// Sends a command to an aggregate.
  ///
  /// - Parameters:
  ///   - entity: the entity inside the aggregate that handles the command, `type:id`.
  ///   - expected: the required `nextSequence` of the aggregate; nil: any.
  ///   - trigger: the event that causes this. It determines the command's id, so the command
  ///     happens once, however often the event is delivered. It is stored as the cause.
  ///   - step: distinguishes several updates of the same aggregate by one event.
  ///   - commandID: the command's id; a command with the same id happens once. Nil: a new id.
  ///   - headers: stored with the events.
  ///
  /// Throws `Conflict` if `expected` does not match.
  @discardableResult
  public func update(
    _ root: UUID, _ command: some Payload, entity: String = "", expected: UInt32? = nil,
    trigger: Event? = nil, step: String = "", commandID: String? = nil,
    headers: [String: String] = [:], timeout: Duration = defaultTimeout
  ) async throws -> Stored {
    var book = try book(root, trigger, step, commandID, headers)
    book.expected = expected.map { SequenceNumber($0) }
    let stored = try await send(book, command, entity, timeout)
    trigger?.sent.insert(book.place)
    return stored
  }

  /// Reads the aggregate, and sends the command that `decide` returns; nil: no command. After a
  /// conflict it reads and decides again.
  ///
  /// Throws `Conflict` if conflicts last until the timeout, and the errors of `decide`.
  @discardableResult
  public func update(
    _ root: UUID, entity: String = "", trigger: Event? = nil, step: String = "",
    commandID: String? = nil, headers: [String: String] = [:], timeout: Duration = defaultTimeout,
    decide: @Sendable (Aggregate) async throws -> (any Payload)?
  ) async throws -> Stored {
    var book = try book(root, trigger, step, commandID, headers)
    let end = Deadline.after(timeout)
    var backoff = Backoff(from: .milliseconds(5), upTo: .milliseconds(200))
    while true {
      let found = try await read(root, end.left)
      guard let command = try await decide(found.aggregate) else {
        return Stored(nothingToDo: book)
      }
      book.expected = SequenceNumber(found.nextSequence)
      do {
        let stored = try await send(book, command, entity, end.left)
        trigger?.sent.insert(book.place)
        return stored
      } catch let conflict as Conflict {
        let pause = backoff.next(random: Environment.live.random())
        guard end.left > pause else { throw conflict }
        try await Environment.live.sleep(pause)
      }
    }
  }

  /// The current aggregate; nil if it has no events.
  public func find(
    _ root: UUID, timeout: Duration = defaultTimeout
  ) async throws -> Found<Aggregate>? {
    let found = try await read(root, timeout)
    return found.nextSequence == 0 ? nil : found
  }

  /// A command book without its command yet.
  private func book(
    _ root: UUID, _ trigger: Event?, _ step: String, _ commandID: String?,
    _ headers: [String: String]
  ) throws -> Evented.CommandBook {
    let id = commandID ?? (trigger?.derivedID(step: step) ?? UUID()).text
    let annotations = Evented.Annotations(
      cause: trigger?.cause,
      headers: Dictionary(uniqueKeysWithValues: headers.map { (Name($0.key), $0.value) }))
    let book = Evented.CommandBook(
      cover: Cover(domain: domain, root: root), pages: [], commandID: id,
      origin: Origin(correlation: trigger?.correlation ?? "", annotations))
    if let trigger, trigger.sent.contains(book.place) {
      throw Mistake("event \(trigger.id) has updated \(book.cover) already: name a `step`")
    }
    return book
  }

  private func send(
    _ book: Evented.CommandBook, _ command: some Payload, _ entity: String, _ timeout: Duration
  ) async throws -> Stored {
    var book = book
    book.pages = [
      Evented.CommandPage(
        command: try AnyPayload(command).any, entity: entity.isEmpty ? nil : Name(entity))
    ]
    do {
      return try Stored(await connection.handle(book, timeout: timeout), to: book)
    } catch let refusal as Refused where refusal.code == .failedPrecondition {
      // The logic may refuse with the same code; the aggregate's sequence tells the two apart.
      if let expected = book.expected, try await !stands(book.cover, at: expected, timeout) {
        throw Conflict(message: refusal.message)
      }
      throw refusal
    }
  }

  private func stands(
    _ cover: Cover, at next: SequenceNumber, _ timeout: Duration
  ) async throws -> Bool {
    let last = next.rawValue == 0 ? 0 : next.rawValue - 1
    let query = Evented.Query(
      cover: cover, lower: SequenceNumber(last), upper: next.advanced(by: 1))
    let found = try await connection.events(query, timeout: timeout)
    return found.reduce(SequenceNumber.first) { max($0, $1.pages.next) } == next
  }

  private func read(_ root: UUID, _ timeout: Duration) async throws -> Found<Aggregate> {
    var (aggregate, next) = (Aggregate(), UInt32(0))
    let query = Evented.Query(cover: Cover(domain: domain, root: root))
    for book in try await connection.events(query, timeout: timeout) {
      try book.pages.apply(to: &aggregate)
      next = book.pages.next.rawValue
    }
    return Found(root: root, aggregate: aggregate, nextSequence: next)
  }
}

extension Deadline {
  /// The time left, never negative.
  fileprivate var left: Duration { max(remaining ?? .zero, .zero) }
}

extension Evented.CommandBook {
  /// Names the command among those that one event causes.
  fileprivate var place: String { "\(cover)/\(commandID ?? "")" }
}
