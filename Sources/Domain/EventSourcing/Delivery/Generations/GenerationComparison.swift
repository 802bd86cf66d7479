import EventModel
import Timing

/// Compares two generations of a projector's projections, aggregate by aggregate.
///
/// Both generations receive events meanwhile, so the projections of an aggregate are compared
/// once both include the same events. Values are compared byte by byte.
struct GenerationComparison {
  let store: any RecordStore
  let environment: Environment
  /// The longest wait until one aggregate's projections include the same events.
  var patience = Duration.seconds(10)

  /// - Parameter progress: gets the number of equal aggregates from time to time.
  /// - Returns: the first difference in the order of roots; nil if all are equal.
  func difference(
    between old: Name, and new: Name, progress: (Int) async throws -> Void
  ) async throws -> GenerationDifference? {
    var (olds, news) = (RecordCursor(old, store), RecordCursor(new, store))
    var count = 0
    while true {
      let (a, b) = (try await olds.peek(), try await news.peek())
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

  private func difference(
    of root: Root, _ found: (ConsumerRecord?, ConsumerRecord?), _ old: Name, _ new: Name
  ) async throws -> GenerationDifference? {
    var (a, b) = found
    let end = environment.instant() + patience
    while a?.next != b?.next {
      guard environment.instant() < end else {
        return GenerationDifference(root: root, old: a, new: b)
      }
      try await environment.sleep(.milliseconds(20))
      a = try await store.record(of: old, root: root)
      b = try await store.record(of: new, root: root)
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
  private let subscription: Name
  private let store: any RecordStore
  private var portion: ArraySlice<ConsumerRecord> = []
  private var last: Root?
  private var isAtEnd = false

  init(_ subscription: Name, _ store: any RecordStore) {
    self.subscription = subscription
    self.store = store
  }

  /// The next record; nil at the end.
  mutating func peek() async throws(StorageError) -> ConsumerRecord? {
    if portion.isEmpty, !isAtEnd {
      let read = try await store.records(
        of: subscription, after: last, limit: ReadLimit(count: 1000, bytes: 1 << 20))
      (portion, isAtEnd, last) = (read[...], read.isEmpty, read.last?.root ?? last)
    }
    return portion.first
  }

  mutating func advance() { portion.removeFirst() }
}
