import Synchronization
import Timing

/// A value built from files, rebuilt when they change.
///
/// `current` reads the files, at most once an interval. If they cannot be read, or the value
/// cannot be built, the last value stays: a certificate may be replaced before its key. Invalid
/// content is tried and reported once.
public final class FileBackedValue<Content: Equatable & Sendable, Value: Sendable>: Sendable {
  private struct State {
    var value: Value
    /// The last content that was tried.
    var content: Content
    /// When the files were last read; nil: they are due.
    var read: ContinuousClock.Instant?
    /// Why reading failed; nil if it succeeded.
    var failure: String?
  }

  private let interval: Duration
  private let read: @Sendable () throws -> Content
  private let make: @Sendable (Content) throws -> Value
  private let failed: @Sendable (String) -> Void
  private let state: Mutex<State>

  /// Throws the error of reading or making: there is no earlier value to keep.
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

  /// Forces a reload on the next `current`.
  public func expire() {
    state.withLock { $0.read = nil }
  }

  /// Returns the failure to report, if it is new.
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
