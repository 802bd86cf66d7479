import EventModel

/// One domain's work for later, ordered by due time.
///
/// An agenda is only an index: the log says why and whether an entry is still due. An entry may
/// be stale: check the log before acting.
///
/// Both writes take any number of entries, and are idempotent. Entries are written one by one: if
/// a call fails, some may be written.
public protocol AgendaStore: Sendable {
  /// Adds new entries. Moves existing ones to the new time and number of tries. Among entries
  /// with the same key, the last wins.
  func enter(_ entries: [AgendaEntry]) async throws(StorageError)

  /// Removes entries of an agenda. Ignores missing ones.
  func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError)

  /// Returns the agenda's entries ordered by due time, then by key.
  ///
  /// - Parameters:
  ///   - last: start after this place; nil: at the beginning.
  ///   - time: only entries due by then; nil: all.
  ///   - limit: the most entries to return. The cost depends on the entries returned, not on the
  ///     agenda's size.
  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry]

  /// Returns the agendas that have entries, ordered by name.
  func agendas() async throws(StorageError) -> [Name]
}

/// Names an entry within its agenda by the event that requested it.
public struct AgendaKey: Hashable, Comparable, Sendable {
  public var root: Root
  /// The sequence number of the requesting event.
  public var sequence: SequenceNumber
  /// Its index among the entries that the event requested.
  public var index: UInt32

  public init(root: Root, sequence: SequenceNumber, index: UInt32 = 0) {
    self.root = root
    self.sequence = sequence
    self.index = index
  }

  public static func < (left: AgendaKey, right: AgendaKey) -> Bool {
    (left.root, left.sequence, left.index) < (right.root, right.sequence, right.index)
  }
}

extension AgendaStore {
  /// Returns the first entries of the agenda, as `entries(of:after:dueBy:limit:)` does.
  public func entries(
    of agenda: Name, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await entries(of: agenda, after: nil, dueBy: time, limit: limit)
  }
}

/// An entry's place in its agenda.
public struct AgendaPlace: Hashable, Comparable, Sendable {
  public var due: Timestamp
  public var key: AgendaKey

  public init(due: Timestamp, key: AgendaKey) {
    self.due = due
    self.key = key
  }

  public static func < (left: AgendaPlace, right: AgendaPlace) -> Bool {
    (left.due, left.key) < (right.due, right.key)
  }
}

/// An entry with its due time.
public struct AgendaEntry: Equatable, Sendable {
  public var agenda: Name
  public var key: AgendaKey
  public var due: Timestamp
  /// The number of failed tries.
  public var tries: UInt32
  public var place: AgendaPlace { AgendaPlace(due: due, key: key) }

  public init(agenda: Name, key: AgendaKey, due: Timestamp, tries: UInt32 = 0) {
    self.agenda = agenda
    self.key = key
    self.due = due
    self.tries = tries
  }
}
