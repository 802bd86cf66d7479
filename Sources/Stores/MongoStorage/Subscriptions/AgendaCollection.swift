import EventModel
import EventSourcing

/// What is to be done later, by the time when it is due.
struct AgendaCollection {
  let collection: Collection

  /// What is entered already is moved.
  func enter(_ entries: ArraySlice<AgendaEntry>) throws(MongoFailure) {
    // Updates of one command come in no order: one for each key.
    var latest: [String: AgendaEntry] = [:]
    for entry in entries { latest[key(entry.agenda, entry.key)] = entry }
    var updates = latest.map { key, entry in
      Collection.Update(query: ["_id": .string(key)], change: change(entry), upsert: true)
    }
    // Two that make the same entry at once: one is refused, and finds it.
    for isLast in [false, true] {
      let (_, failures) = try collection.update(updates)
      if let failure = failures.values.first(where: { isLast || $0.kind != .duplicateKey }) {
        throw failure
      }
      updates = failures.keys.map { updates[$0] }
    }
  }

  func strike(_ keys: ArraySlice<AgendaKey>, from agenda: Name) throws(MongoFailure) {
    let ids = keys.map { BSONValue.string(key(agenda, $0)) }
    try collection.delete(["_id": ["$in": .array(ids)]], many: true)
  }

  func entries(
    of agenda: Name, dueBy time: Timestamp?, limit: Int
  ) throws(MongoFailure) -> [AgendaEntry] {
    // Zero would mean: no limit.
    if limit <= 0 { return [] }
    var query: BSONDocument = ["agenda": .name(agenda)]
    query.append("due", time.map { ["$lte": .date($0.milliseconds)] })
    let cursor = collection.find(
      query,
      [
        "sort": ["due": 1, "dueNanos": 1, "root": 1, "sequence": 1, "index": 1],
        "limit": .int64(Int64(limit)),
      ])
    var entries: [AgendaEntry] = []
    while let document = try cursor.next() {
      let entry = try decode(document)
      // A date holds whole milliseconds. What is due in the rest of the last comes at the end.
      if let time, entry.due > time { break }
      entries.append(entry)
    }
    return entries
  }

  /// The agendas that have entries: one query for each, over all its entries.
  func names() throws(MongoFailure) -> [Name] {
    var names: [Name] = []
    while true {
      var query: BSONDocument = [:]
      query.append("agenda", names.last.map { ["$gt": .name($0)] })
      let next = try collection.first(
        query, ["sort": ["agenda": 1], "projection": ["agenda": 1]])
      guard let next else { return names }
      names.append(try next.name("agenda"))
    }
  }

  // MARK: Documents

  private func key(_ agenda: Name, _ key: AgendaKey) -> String {
    "\(key.root) \(key.sequence) \(key.index) \(agenda)"
  }

  private func change(_ entry: AgendaEntry) -> BSONDocument {
    [
      "$set": [
        "agenda": .name(entry.agenda), "root": .uuid(entry.key.root),
        "sequence": .sequence(entry.key.sequence), "index": .int64(Int64(entry.key.index)),
        "due": .date(entry.due.milliseconds),
        "dueNanos": entry.due.restOfMillisecond ?? .int32(0), "tries": .int64(Int64(entry.tries)),
      ]
    ]
  }

  private func decode(_ document: BSONDocument) throws(MongoFailure) -> AgendaEntry {
    AgendaEntry(
      agenda: try document.name("agenda"),
      key: AgendaKey(
        root: try document.root("root"), sequence: try document.sequence("sequence"),
        index: UInt32(truncatingIfNeeded: try document.number("index"))),
      due: try document.time("due", nanoseconds: "dueNanos"),
      tries: UInt32(truncatingIfNeeded: try document.number("tries")))
  }
}

extension MongoDomain: AgendaStore {
  func enter(_ entries: [AgendaEntry]) async throws(StorageError) {
    for portion in entries.portions(of: Limits.group.count) {
      try await calls.call { [layout, existence] client throws(MongoFailure) in
        try existence.ensure(client)
        try layout.agenda(client).enter(portion)
      }
    }
  }

  func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError) {
    for portion in keys.portions(of: Limits.group.count) {
      try await calls.call { [layout] client throws(MongoFailure) in
        try layout.agenda(client).strike(portion, from: agenda)
      }
    }
  }

  func entries(
    of agenda: Name, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.agenda(client).entries(of: agenda, dueBy: time, limit: limit)
    }
  }

  func agendas() async throws(StorageError) -> [Name] {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.agenda(client).names()
    }
  }
}
