import EventModel
import EventSourcing

/// One agenda, in order. A value, guarded by `MemoryDomain`.
struct MemoryAgenda {
  /// Ordered by time, then by key.
  private var entries: [AgendaEntry] = []
  /// The due time of each entry, to find it in `entries`.
  private var dueTimes: [AgendaKey: Timestamp] = [:]

  var isEmpty: Bool { entries.isEmpty }

  mutating func enter(_ entry: AgendaEntry) {
    strike(entry.key)
    dueTimes[entry.key] = entry.due
    entries.insert(entry, at: place(of: entry.key, due: entry.due))
  }

  mutating func strike(_ key: AgendaKey) {
    guard let due = dueTimes.removeValue(forKey: key) else { return }
    entries.remove(at: place(of: key, due: due))
  }

  func entries(after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int) -> [AgendaEntry] {
    var start = last.map { place(of: $0.key, due: $0.due) } ?? 0
    if start < entries.count, entries[start].place == last { start += 1 }
    let first = entries[start...].prefix(max(limit, 0))
    return Array(time.map { time in first.prefix { $0.due <= time } } ?? first)
  }

  /// The index of the entry, or of the place to insert it; a binary search.
  private func place(of key: AgendaKey, due: Timestamp) -> Int {
    var range = 0..<entries.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let isBefore = (entries[middle].due, entries[middle].key) < (due, key)
      range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}

extension MemoryDomain: AgendaStore {
  func enter(_ entries: [AgendaEntry]) async throws(StorageError) {
    if entries.isEmpty { return }
    comeToExist()
    agendas.withLock { agendas in
      for entry in entries { agendas[entry.agenda, default: MemoryAgenda()].enter(entry) }
    }
  }

  func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError) {
    agendas.withLock { agendas in
      for key in keys { agendas[agenda]?.strike(key) }
      if agendas[agenda]?.isEmpty == true { agendas[agenda] = nil }
    }
  }

  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    agendas.withLock { $0[agenda]?.entries(after: last, dueBy: time, limit: limit) ?? [] }
  }

  func agendas() async throws(StorageError) -> [Name] { agendas.withLock { $0.keys.sorted() } }
}
