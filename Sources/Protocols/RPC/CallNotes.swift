import Names
import Synchronization

/// Facts that a handler adds to the call's log line.
///
/// Task-local, since an interceptor does not see into its handler's messages.
public final class CallNotes: Sendable {
  /// Nil if calls are not logged.
  @TaskLocal public static var current: CallNotes?

  private let noted = Mutex<Name?>(nil)

  public init() {}

  /// The domain that the call accessed; "*" if there were several, nil if none.
  public var domain: Name? { noted.withLock { $0 } }

  public func note(domain: Name) {
    noted.withLock { $0 = $0 == nil || $0 == domain ? domain : "*" }
  }
}
