import EventModel
import Synchronization

/// Where aggregates end, as far as this process has seen it.
///
/// It may lag behind other processes' writes, and an append may still rely on it. A number in here
/// is one at which a stored commit once ended (or 0), confirmed by the majority, and stored commits
/// never change: so it is a boundary between two commits for ever. An aggregate's commits follow
/// each other without a gap, so if the aggregate has grown since, then some commit *starts* at that
/// very number, has the `_id` that the append is about to use, and refuses it. If nothing refuses
/// it, then the number was the aggregate's end.
///
/// The same holds for 0 with no entry at all: the first commit of every aggregate starts there.
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

  /// A stored commit ends there. An earlier end than the one that is known changes nothing.
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
