import EventModel
import Synchronization

/// Caches the known ends of aggregates.
///
/// It may lag behind other processes' writes, and an append may still rely on it. Each cached
/// number is 0, or the end of a stored commit, confirmed by the majority. Stored commits never
/// change, so the number is a permanent boundary between two commits. An aggregate's commits have
/// no gaps. So if the aggregate has grown since, some commit *starts* at that very number and has
/// the `_id` that the append uses, and the primary index refuses the append. If it does not, the
/// number was the aggregate's end.
///
/// The same holds for a missing entry, which counts as 0: the first commit of every aggregate
/// starts there.
final class HeadCache: Sendable {
  private struct State {
    var recent: [Root: SequenceNumber] = [:]
    var earlier: [Root: SequenceNumber] = [:]
  }

  private let state = Mutex(State())
  private let limit: Int

  /// - Parameter limit: aggregates in each of two generations.
  init(limit: Int) { self.limit = limit }

  subscript(root: Root) -> SequenceNumber? {
    state.withLock { $0.recent[root] ?? $0.earlier[root] }
  }

  /// Notes the end of a stored commit. A lower end changes nothing.
  func note(_ root: Root, _ next: SequenceNumber) {
    state.withLock { state in
      let known = state.recent[root] ?? state.earlier[root] ?? .first
      state.recent[root] = max(known, next)
      guard state.recent.count > limit else { return }
      state.earlier = state.recent
      state.recent = [:]
    }
  }
}
