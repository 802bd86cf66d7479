import EventModel
import Synchronization

/// A clock that stands still until it is moved.
final class ManualClock: Sendable {
  private let seconds = Mutex<Int64>(1_700_000_000)

  @Sendable func now() -> Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }

  func advance(bySeconds count: Int64) { seconds.withLock { $0 += count } }
}
