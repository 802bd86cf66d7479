import EventModel
import Timing

/// Compares two generations of a projector's projections, aggregate by aggregate.
///
/// Both generations receive events meanwhile, so the projections of an aggregate are compared
/// once both include the same events. Values are compared byte by byte.
struct GenerationComparison {
  let store: any RecordStore
  let environment: Environment
  /// As in `Rebuild.compare`.
  let gate: ConcurrencyLimit
  let hold: @Sendable (Int) async throws -> Void
  /// The longest wait until one aggregate's projections include the same events.
  var patience = Duration.seconds(10)

  /// - Parameter progress: gets the number of equal aggregates from time to time.
  /// - Returns: the first difference in the order of roots; nil if all are equal.
  func difference(
    between old: Name, and new: Name, progress: (Int) async throws -> Void
  ) async throws -> GenerationDifference? {
    var (olds, news) = (RecordCursor(old), RecordCursor(new))
    var count = 0
    while true {
      try await fill(&olds)
      try await fill(&news)
      let (a, b) = (olds.next, news.next)
      guard let root = [a?.root, b?.root].compactMap(\.self).min() else { break }
      let pair = (a?.root == root ? a : nil, b?.root == root ? b : nil)
      if let difference = try await difference(of: root, pair, old, new) { return difference }
      if a?.root == root { olds.advance() }
      if b?.root == root { news.advance() }
      count += 1
      if count % 1000 == 0 { try await progress(count) }
    }
    try await progress(count)
    return nil
  }

  /// Reads the next portion where nothing is left of the last one.
  private func fill(_ cursor: inout RecordCursor) async throws {
    guard cursor.needsPortion else { return }
    try await hold(-cursor.byteCount)
    let (subscription, last) = (cursor.subscription, cursor.last)
    cursor.take(
      try await gate.run {
        let records = try await store.records(
          of: subscription, after: last, limit: ReadLimit(count: 1000, bytes: 1 << 20))
        try await hold(records.byteCount)
        return records
      })
  }

  private func difference(
    of root: Root, _ found: (ConsumerRecord?, ConsumerRecord?), _ old: Name, _ new: Name
  ) async throws -> GenerationDifference? {
    var (a, b) = found
    let end = environment.instant() + patience
    while a?.next != b?.next {
      // The portions may be older than what a generation has received since.
      a = try await store.record(of: old, root: root)
      b = try await store.record(of: new, root: root)
      if a?.next == b?.next { break }
      guard environment.instant() < end else {
        return GenerationDifference(root: root, old: a, new: b)
      }
      try await environment.sleep(.milliseconds(20))
    }
    return a?.value == b?.value ? nil : GenerationDifference(root: root, old: a, new: b)
  }
}

/// The projections of an aggregate that differ between two generations.
public struct GenerationDifference: Equatable, Sendable {
  public var root: Root
  /// Nil if the generation has none.
  public var old: ConsumerRecord?
  public var new: ConsumerRecord?
}

/// A cursor over one subscription's records in the order of their roots.
private struct RecordCursor {
  let subscription: Name
  /// The last root that was read.
  private(set) var last: Root?
  /// Of the portion, since it was read.
  private(set) var byteCount = 0
  private var portion: ArraySlice<ConsumerRecord> = []
  private var isAtEnd = false

  init(_ subscription: Name) { self.subscription = subscription }

  /// Nil at the end.
  var next: ConsumerRecord? { portion.first }

  var needsPortion: Bool { portion.isEmpty && !isAtEnd }

  /// An empty portion is the end.
  mutating func take(_ records: [ConsumerRecord]) {
    (portion, byteCount, isAtEnd) = (records[...], records.byteCount, records.isEmpty)
    last = records.last?.root ?? last
  }

  mutating func advance() { portion.removeFirst() }
}
