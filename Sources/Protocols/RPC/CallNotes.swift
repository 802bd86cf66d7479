import Names
import Synchronization

/// What comes to light about a call while it is served, for whoever logs it.
///
/// It goes with the task, since what is around a handler does not see what is in its messages.
public final class CallNotes: Sendable {
  /// Nil where nobody wants to know.
  @TaskLocal public static var current: CallNotes?

  private let noted = Mutex<Name?>(nil)

  public init() {}

  /// The domain that the call touched; "*" if there were several, nil for none.
  public var domain: Name? { noted.withLock { $0 } }

  public func note(domain: Name) {
    noted.withLock { $0 = $0 == nil || $0 == domain ? domain : "*" }
  }
}
