/// How far a partition's log was settled when somebody looked: a document that only counts up.
struct SettledMark {
  let collection: Collection
  let partition: UInt32

  private var name: BSONValue { .string("settled \(partition)") }

  /// The place that was kept last; the log's beginning where none was.
  func read() throws(MongoFailure) -> SettledEnd {
    guard let kept = try collection.first(["_id": name]) else { return SettledEnd() }
    return SettledEnd(position: try kept.number("position"), commit: try kept.number("commit"))
  }

  /// Keeps a place; an earlier one than is kept changes nothing.
  func raise(to end: SettledEnd) throws(MongoFailure) {
    _ = try collection.update(
      ["_id": name],
      ["$max": ["position": .number(end.position), "commit": .number(end.commit)]], upsert: true)
  }
}
