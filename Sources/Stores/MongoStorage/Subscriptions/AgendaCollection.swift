import EventModel
import EventSourcing

/// Work for later, ordered by due time.
struct AgendaCollection {
  let collection: Collection

  /// Adds entries and moves existing ones. Inserts first, because most are new.
  func enter(_ entries: ArraySlice<AgendaEntry>) throws(MongoFailure) {
    // One command writes its documents unordered, so keep each key once.
    var latest: [Name: AgendaEntry] = [:]
    for entry in entries { latest[key(entry.agenda, entry.key)] = entry }
    let inserted = Array(latest)
    let failures = try collection.insert(inserted.map { document($0.key, $0.value) })
    if let failure = failures.values.first(where: { $0.kind != .duplicateKey }) { throw failure }
    let moved = failures.keys.map { inserted[$0] }
    let (_, notMoved) = try collection.update(
      moved.map { key, entry in
        Collection.Update(
          query: ["_id": .name(key)], change: ["$set": .document(fields(entry))], upsert: true)
      })
    if let failure = notMoved.values.first { throw failure }
  }

  func strike(_ keys: ArraySlice<AgendaKey>, from agenda: Name) throws(MongoFailure) {
    let ids = keys.map { BSONValue.name(key(agenda, $0)) }
    try collection.delete(["_id": ["$in": .array(ids)]], many: true)
  }

  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) throws(MongoFailure) -> [AgendaEntry] {
    // A limit of zero would mean no limit.
    if limit <= 0 { return [] }
    var query: BSONDocument = ["agenda": .name(agenda)]
    query.append("due", time.map { ["$lte": .date($0.milliseconds)] })
    query.append("$or", last.map(behind))
    let cursor = collection.find(
      query,
      [
        "sort": ["due": 1, "dueNanos": 1, "root": 1, "sequence": 1, "index": 1],
        "limit": .int64(Int64(limit)),
      ])
    var entries: [AgendaEntry] = []
    while let document = try cursor.next() {
      let entry = try decode(document)
      // A date holds whole milliseconds, so entries due within the last one come at the end.
      if let time, entry.due > time { break }
      entries.append(entry)
    }
    return entries
  }

  /// The entries after the place, in index order: equal up to some field, and greater in that
  /// field.
  private func behind(_ place: AgendaPlace) -> BSONValue {
    let fields: [(name: String, value: BSONValue)] = [
      ("due", .date(place.due.milliseconds)),
      ("dueNanos", place.due.restOfMillisecond ?? .int32(0)), ("root", .uuid(place.key.root)),
      ("sequence", .sequence(place.key.sequence)), ("index", .int64(Int64(place.key.index))),
    ]
    return .array(
      fields.indices.map { end in
        var document: BSONDocument = [:]
        for field in fields[..<end] { document.append(field.name, field.value) }
        document.append(fields[end].name, ["$gt": fields[end].value])
        return .document(document)
      })
  }

  /// The agendas that have entries: one query for each.
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

  private func key(_ agenda: Name, _ key: AgendaKey) -> Name {
    "\(key.root) \(key.sequence) \(key.index) \(agenda)"
  }

  private func document(_ key: Name, _ entry: AgendaEntry) -> BSONDocument {
    var document: BSONDocument = ["_id": .name(key)]
    document.append(contentsOf: fields(entry))
    return document
  }

  private func fields(_ entry: AgendaEntry) -> BSONDocument {
    [
      "agenda": .name(entry.agenda), "root": .uuid(entry.key.root),
      "sequence": .sequence(entry.key.sequence), "index": .int64(Int64(entry.key.index)),
      "due": .date(entry.due.milliseconds),
      "dueNanos": entry.due.restOfMillisecond ?? .int32(0), "tries": .int64(Int64(entry.tries)),
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
    for portion in entries.portions(of: Limits.entriesAtOnce) {
      try await calls.call { [layout, existence] client throws(MongoFailure) in
        try existence.ensure(client)
        try layout.agenda(client).enter(portion)
      }
    }
  }

  func strike(_ keys: [AgendaKey], from agenda: Name) async throws(StorageError) {
    for portion in keys.portions(of: Limits.entriesAtOnce) {
      try await calls.call { [layout] client throws(MongoFailure) in
        try layout.agenda(client).strike(portion, from: agenda)
      }
    }
  }

  func entries(
    of agenda: Name, after last: AgendaPlace?, dueBy time: Timestamp?, limit: Int
  ) async throws(StorageError) -> [AgendaEntry] {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.agenda(client).entries(
        of: agenda, after: last, dueBy: time, limit: limit)
    }
  }

  func agendas() async throws(StorageError) -> [Name] {
    try await calls.call { [layout] client throws(MongoFailure) in
      try layout.agenda(client).names()
    }
  }
}
