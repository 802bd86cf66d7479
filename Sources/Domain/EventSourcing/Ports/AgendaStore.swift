import EventModel

/// What is to be done later in one domain, by the time when it is due.
///
/// An agenda is an index, and no more than that: why something is due, and whether it still is, the
/// log says. So an entry may outlive what it was made for, and whoever acts on it looks first.
///
/// Both writes take any number of entries, and may be repeated. Each entry is written for itself:
/// where a call fails, some may be written.
public protocol AgendaStore: Sendable {
  /// Enters what is new. What is entered already is moved to its new time, with its new number of
  /// tries. Of entries with the same key, the last counts.
  func enter(_ entries: [AgendaEntry]) async throws(StorageError)

  /// Removes entries of an agenda. One that is not there is none.
  func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError)

  /// The agenda's entries in the order of their times, and of their keys where these are equal.
  ///
  /// - Parameters:
  ///   - last: begin behind that place; nil: at the beginning.
  ///   - time: those that are due by then; nil: all.
  ///   - limit: how many at most. The read costs as much as it brings, however many there are.
  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry]

  /// The agendas that have entries, in the order of their names.
  func agendas() async throws(StorageError) -> [Name]
}

/// Names an entry within its agenda: what a commit asked for.
public struct AgendaKey: Hashable, Comparable, Sendable {
  public var root: Root
  /// Of the event that asked for it.
  public var sequence: SequenceNumber
  /// Its place among what the event asked for.
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
  /// The first entries of the agenda, as `entries(of:after:dueBy:limit:)` has them.
  public func entries(
    of agenda: Name, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await entries(of: agenda, after: nil, dueBy: time, limit: limit)
  }
}

/// Where an entry stands in its agenda.
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

/// Something that is due at some time.
public struct AgendaEntry: Equatable, Sendable {
  public var agenda: Name
  public var key: AgendaKey
  public var due: Timestamp
  /// How often it was tried in vain.
  public var tries: UInt32
  public var place: AgendaPlace { AgendaPlace(due: due, key: key) }

  public init(agenda: Name, key: AgendaKey, due: Timestamp, tries: UInt32 = 0) {
    self.agenda = agenda
    self.key = key
    self.due = due
    self.tries = tries
  }
}
