import Synchronization
import Timing

/// What is made of the content of files, and made anew when that has changed.
///
/// They are read when somebody asks, and no more often than the interval. While they cannot be
/// read, or nothing can be made of them, such as of a certificate whose key is not there yet, the
/// last value stays. Content of which nothing could be made is tried once, and a failure is told
/// once.
public final class Reloaded<Content: Equatable & Sendable, Value: Sendable>: Sendable {
  private struct State {
    var value: Value
    /// The last that was tried.
    var content: Content
    /// Nil: the files are due.
    var read: ContinuousClock.Instant?
    /// Why they cannot be read.
    var failure: String?
  }

  private let interval: Duration
  private let read: @Sendable () throws -> Content
  private let make: @Sendable (Content) throws -> Value
  private let failed: @Sendable (String) -> Void
  private let state: Mutex<State>

  /// Throws what reading or making throws: there is no last value yet.
  public init(
    every interval: Duration, read: @escaping @Sendable () throws -> Content,
    make: @escaping @Sendable (Content) throws -> Value,
    failed: @escaping @Sendable (String) -> Void
  ) throws {
    self.interval = interval
    self.read = read
    self.make = make
    self.failed = failed
    let content = try read()
    state = Mutex(
      State(value: try make(content), content: content, read: Environment.live.instant()))
  }

  public func current() -> Value {
    let now = Environment.live.instant()
    let (failure, value) = state.withLock { state in
      let isDue = state.read.map { $0.duration(to: now) >= interval } ?? true
      return (isDue ? refresh(&state, now) : nil, state.value)
    }
    if let failure { failed(failure) }
    return value
  }

  /// The value did not do: who asks next has the files read.
  public func expire() {
    state.withLock { $0.read = nil }
  }

  /// Returns what is to be told.
  private func refresh(_ state: inout State, _ now: ContinuousClock.Instant) -> String? {
    state.read = now
    let last = state.failure
    do {
      let content = try read()
      state.failure = nil
      guard content != state.content else { return nil }
      state.content = content
      do { state.value = try make(content) } catch { return "\(error)" }
      return nil
    } catch {
      state.failure = "\(error)"
      return state.failure == last ? nil : state.failure
    }
  }
}
