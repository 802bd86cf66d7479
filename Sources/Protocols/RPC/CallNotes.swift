import Synchronization

/// Facts that a handler adds to the call's log line.
///
/// Task-local, since an interceptor does not see into its handler's messages.
public final class CallNotes: Sendable {
  /// Nil if calls are not logged.
  @TaskLocal public static var current: CallNotes?

  private let noted = Mutex<[String: String]>([:])

  public init() {}

  /// The facts by name; "*" is a fact of several values.
  public var facts: [String: String] { noted.withLock(\.self) }

  public func note(_ name: String, _ value: String) {
    noted.withLock { $0[name] = $0[name, default: value] == value ? value : "*" }
  }
}
