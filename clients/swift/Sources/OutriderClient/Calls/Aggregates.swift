internal import EventModel
public import FoundationEssentials
internal import RPC
internal import Timing
internal import Wire

/// A service's way to the aggregates of one type: create, update, find.
///
/// A command has an id. While a sidecar is away, or answers late, the same command is sent again,
/// for `timeout` in all: it happens once. Each method throws
/// - `Refused` where the logic, or the sidecar, says no,
/// - `Unavailable` where it did not succeed in time; whether a command was stored is not known.
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
  ///   - root: the new aggregate's; nil: one made of the trigger, or a random one.
  ///   - trigger, step, commandID, headers: as for `update`.
  ///
  /// Throws `Conflict` where there is one of this root.
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
  ///   - entity: the entity inside the aggregate that the command is for, `type:id`.
  ///   - expected: the `nextSequence` at which the aggregate must stand; nil: any.
  ///   - trigger: the event that leads to this. It makes the command's id, so that the command
  ///     happens once however often the event comes, and is stored as the cause.
  ///   - step: tells the updates apart that one event makes of the same aggregate.
  ///   - commandID: a command that is sent again with its id happens once; nil: made here.
  ///   - headers: stored with the events.
  ///
  /// Throws `Conflict` where `expected` does not hold.
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

  /// Sends the command that `decide` makes of the aggregate as it stands; nil: nothing is to
  /// happen. Where somebody else was faster, it decides again on what is there then.
  ///
  /// Throws `Conflict` where others are faster until the time is up, and what `decide` throws.
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

  /// The aggregate as it stands; nil if it has no event.
  public func find(
    _ root: UUID, timeout: Duration = defaultTimeout
  ) async throws -> Found<Aggregate>? {
    let found = try await read(root, timeout)
    return found.nextSequence == 0 ? nil : found
  }

  /// A command book that is still without its command.
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
      // The logic refuses with the same code: where the aggregate stands tells the two apart.
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
  /// The time that is left, never negative.
  fileprivate var left: Duration { max(remaining ?? .zero, .zero) }
}

extension Evented.CommandBook {
  /// Names the command among all that one event leads to.
  fileprivate var place: String { "\(cover)/\(commandID ?? "")" }
}
