import EventModel
import EventSourcing
import Synchronization

/// Reads portions of the log ahead: positions are dense, so a reader's next requests are
/// predictable. The server finds one portion while the reader handles another.
final class ReadAhead: Sendable {
  typealias Look = Task<Result<LogPortion, StorageError>, Never>

  private struct Slot {
    let position: Position
    let limit: ReadLimit
    let look: Look
  }

  /// Ordered from oldest to newest.
  private let slots = Mutex<[Slot]>([])

  /// Adds a look; drops the oldest if there are too many.
  func put(_ position: Position, _ limit: ReadLimit, _ look: Look) {
    slots.withLock { slots in
      if slots.count == Limits.portionsAhead { slots.removeFirst() }
      slots.append(Slot(position: position, limit: limit, look: look))
    }
  }

  /// Takes the look after exactly this position; each look can be taken once.
  func take(_ position: Position, _ limit: ReadLimit) -> Look? {
    slots.withLock { slots in
      slots.firstIndex { $0.position == position && $0.limit == limit }
        .map { slots.remove(at: $0).look }
    }
  }
}
