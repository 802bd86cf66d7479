/// The last known end of a partition's settled prefix. Only increases.
struct SettledMark {
  let collection: Collection
  let partition: UInt32

  private var name: BSONValue { .string("settled \(partition)") }

  /// The stored end; the log's beginning if there is none.
  func read() throws(MongoFailure) -> SettledEnd {
    guard let kept = try collection.first(["_id": name]) else { return SettledEnd() }
    return SettledEnd(position: try kept.number("position"), commit: try kept.number("commit"))
  }

  /// Stores an end; a lower one changes nothing.
  func raise(to end: SettledEnd) throws(MongoFailure) {
    _ = try collection.update(
      ["_id": name],
      ["$max": ["position": .number(end.position), "commit": .number(end.commit)]], upsert: true)
  }
}
