import Encodings
import EventModel

/// Lists the commands of one domain that have not ended, page by page, in constant memory.
///
/// Lists each partition's log behind the carrier's checkpoint first: due commands, and those that
/// are not yet in the agenda. Then lists the agenda.
struct PendingCommands {
  let dispatcher: CommandDispatcher
  /// Commands in one page.
  let countMax: Int
  /// Bytes of the commands in one page.
  var bytesMax = 1 << 20
  /// Entries that one call examines, listed or not.
  var looksMax = 2048

  private var journal: CommandJournal { dispatcher.journal }

  /// The page at this place. Its next place is nil after the last page.
  func page(at place: Place?) async throws -> (commands: [CommandStanding], next: Place?) {
    var page: Page
    if let place { page = Page(place: place) } else { page = Page(place: try await first(of: 0)) }
    while page.commands.count < countMax, page.bytes < bytesMax, page.looks < looksMax {
      guard page.place.isInAgenda else {
        try await takeFromLog(&page)
        continue
      }
      guard try await takeFromAgenda(&page) else { continue }
      guard page.place.partition + 1 < journal.store.partitions else {
        return (page.commands, nil)
      }
      page.place = try await first(of: page.place.partition + 1)
    }
    return (page.commands, page.place)
  }

  /// A place in the listing.
  struct Place: Equatable, Sendable {
    var partition: UInt32
    /// The position where the listing of the log began: the carrier's checkpoint.
    var begin: UInt64
    /// The log is listed up to here.
    var listed: UInt64
    /// Whether the log is listed completely.
    var isInAgenda = false
    /// The last place listed in the agenda.
    var agenda: AgendaPlace?
  }

  private struct Page {
    var place: Place
    var commands: [CommandStanding] = []
    var bytes = 0
    var looks = 0

    func isFull(_ countMax: Int) -> Bool { commands.count >= countMax }

    mutating func add(_ stored: StoredCommand) {
      commands.append(CommandStanding(stored))
      bytes += stored.command.encoded.count
    }
  }

  private func first(of partition: UInt32) async throws -> Place {
    let checkpoint = try await journal.store.checkpoint(
      of: CommandCarrier.subscription, partition: partition)
    return Place(partition: partition, begin: checkpoint.number, listed: checkpoint.number)
  }

  private func takeFromLog(_ page: inout Page) async throws {
    let commits = try await journal.store.log(
      after: Position(partition: page.place.partition, number: page.place.listed),
      limit: ReadLimit(count: 256, bytes: bytesMax))
    if commits.isEmpty { page.place.isInAgenda = true }
    for commit in commits where !page.isFull(countMax) {
      page.looks += 1
      page.place.listed = commit.position.number
      if let stored = try await pending(in: commit) { page.add(stored) }
    }
  }

  /// The unfinished command that this commit represents.
  private func pending(in recorded: RecordedCommit) async throws -> StoredCommand? {
    let root = recorded.commit.cover.root
    guard let event = recorded.commit.pages.pages.first else { return nil }
    switch try journal.event(event, of: root) {
    case .dispatched:
      guard let stored = try journal.command(in: recorded) else { return nil }
      // A command that came due is listed at its due event.
      let key = stored.isDelayed ? stored.keys.due : stored.keys.end
      return try await journal.store.commit(of: root, commandID: key) == nil ? stored : nil
    case .due(let due):
      guard let stored = try await journal.command(due.commandID, of: root) else { return nil }
      return try await journal.end(of: stored) == nil ? stored : nil
    case .ended: return nil
    }
  }

  /// - Returns: whether the agenda has no more.
  private func takeFromAgenda(_ page: inout Page) async throws -> Bool {
    let limit = min(countMax - page.commands.count, 256)
    let entries = try await journal.store.entries(
      of: .dueCommands(ofPartition: page.place.partition), after: page.place.agenda, dueBy: nil,
      limit: limit)
    for entry in entries {
      page.looks += 1
      page.place.agenda = entry.place
      if let stored = try await waiting(entry, page.place) { page.add(stored) }
    }
    return entries.count < limit
  }

  /// The command of an entry, unless it was listed or has ended.
  private func waiting(_ entry: AgendaEntry, _ place: Place) async throws -> StoredCommand? {
    guard
      let stored = try await journal.command(of: entry.key.root, at: entry.key.sequence),
      stored.position.number <= place.begin || stored.position.number > place.listed
    else { return nil }
    if let due = try await journal.store.commit(of: stored.root, commandID: stored.keys.due) {
      // It came due since, behind the listed part of the log.
      guard due.position.number > place.listed, try await journal.end(of: stored) == nil else {
        return nil
      }
    }
    return stored
  }
}

extension CommandDispatcher {
  /// A page of unfinished commands: first due ones in the order in which they came due, then the
  /// others by due time. Pages before the last may also have fewer than `limit`.
  ///
  /// - Parameter token: from the page before; empty: the first page. Throws `.invalid` for any
  ///   other.
  /// - Returns: the page, and the token of the next one; empty: this was the last.
  public func pending(
    after token: Bytes, limit: Int
  ) async throws -> (commands: [CommandStanding], next: Bytes) {
    var place: PendingCommands.Place?
    if !token.isEmpty {
      place = PendingCommands.Place(token: token)
      guard let place, place.partition < journal.store.partitions else {
        throw EventSourcingError(.invalid, "page_token is not one that List gave")
      }
    }
    let (commands, next) = try await PendingCommands(dispatcher: self, countMax: limit).page(
      at: place)
    return (commands, next?.token ?? [])
  }
}

// MARK: - Tokens

extension PendingCommands.Place {
  /// Flag, partition, begin and listed; then the place in the agenda if there is one.
  var token: Bytes {
    var bytes: Bytes = [isInAgenda ? 1 : 0]
    bytes.append(bigEndian: partition)
    bytes.append(bigEndian: begin)
    bytes.append(bigEndian: listed)
    guard let agenda else { return bytes }
    bytes.append(bigEndian: agenda.due.seconds)
    bytes.append(bigEndian: agenda.due.nanoseconds)
    bytes += agenda.key.root.bytes
    bytes.append(bigEndian: agenda.key.sequence.rawValue)
    bytes.append(bigEndian: agenda.key.index)
    return bytes
  }

  /// Nil if the bytes are no token.
  init?(token: Bytes) {
    guard token.count == 21 || token.count == 57, token[0] < 2 else { return nil }
    var rest = token.dropFirst()
    self.init(partition: rest.take(), begin: rest.take(), listed: rest.take())
    isInAgenda = token[0] == 1
    if rest.isEmpty { return }
    let (seconds, nanoseconds): (Int64, Int32) = (rest.take(), rest.take())
    guard (0..<1_000_000_000).contains(nanoseconds), let root = Root(rest.prefix(16)) else {
      return nil
    }
    rest = rest.dropFirst(16)
    agenda = AgendaPlace(
      due: Timestamp(seconds: seconds, nanoseconds: nanoseconds),
      key: AgendaKey(root: root, sequence: SequenceNumber(rest.take()), index: rest.take()))
  }
}

extension ArraySlice<UInt8> {
  /// Removes a big-endian number from the front.
  fileprivate mutating func take<Number: FixedWidthInteger>() -> Number {
    defer { self = dropFirst(Number.bitWidth / 8) }
    return Number(bigEndianBytes: prefix(Number.bitWidth / 8))
  }
}
