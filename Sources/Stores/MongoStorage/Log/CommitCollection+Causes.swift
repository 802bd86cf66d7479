import EventModel
import EventSourcing

extension CommitCollection {
  /// The effects of the given events, up to the limit, or up to damage.
  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) throws(MongoFailure) -> [RecordedCommit] {
    var portion = Portion<RecordedCommit>(limit)
    do throws(MongoFailure) {
      let spans = CauseSpan.spans(of: causes, after: last)
      for spans in spans.portions(of: Limits.causesAtOnce) {
        if try !read(spans, limit, into: &portion) { break }
      }
    } catch {
      if portion.entries.isEmpty { throw error }
    }
    return portion.entries
  }

  /// Returns false if the portion is full.
  private func read(
    _ spans: ArraySlice<CauseSpan>, _ limit: ReadLimit, into portion: inout Portion<RecordedCommit>
  ) throws(MongoFailure) -> Bool {
    let count = min(UInt64(max(1, limit.count)), Limits.documentsInBatch)
    let cursor = collection.find(
      ["$or": .array(spans.flatMap(conditions))],
      [
        "sort": ["cause": 1, "partition": 1, "position": 1], "batchSize": .int64(Int64(count)),
      ])
    while let document = try cursor.next() {
      let effect = try CommitDocument.decode(document, of: domain)
      if spans.contains(where: { $0.holds(effect) }), !portion.take(effect) { return false }
    }
    return true
  }

  private func conditions(_ span: CauseSpan) -> [BSONValue] {
    let (lower, upper) = (key(span.lower), key(span.upper))
    guard let position = span.position else { return [["cause": ["$gte": lower, "$lt": upper]]] }
    let partition = BSONValue.int32(Int32(bitPattern: position.partition))
    return [
      [
        "cause": lower, "partition": partition, "position": ["$gt": .number(position.number)],
      ],
      ["cause": lower, "partition": ["$gt": partition]],
      ["cause": ["$gt": lower, "$lt": upper]],
    ]
  }

  private func key(_ key: CauseKey) -> BSONValue { .binary(key.bytes) }
}
