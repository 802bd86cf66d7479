import EventModel
import EventSourcing
import Synchronization

/// Portions of the log that are fetched before they are asked for, since positions are dense and a
/// reader that reads on will want the next ones: while it deals with one, the server finds another.
final class ReadAhead: Sendable {
  typealias Look = Task<Result<LogPortion, StorageError>, Never>

  private struct Slot {
    let position: Position
    let limit: ReadLimit
    let look: Look
  }

  /// The newest last.
  private let slots = Mutex<[Slot]>([])

  /// Remembers the look; of too many, forgets the oldest.
  func put(_ position: Position, _ limit: ReadLimit, _ look: Look) {
    slots.withLock { slots in
      if slots.count == Limits.portionsAhead { slots.removeFirst() }
      slots.append(Slot(position: position, limit: limit, look: look))
    }
  }

  /// The look behind exactly this position, for the one who asks first.
  func take(_ position: Position, _ limit: ReadLimit) -> Look? {
    slots.withLock { slots in
      slots.firstIndex { $0.position == position && $0.limit == limit }
        .map { slots.remove(at: $0).look }
    }
  }
}
