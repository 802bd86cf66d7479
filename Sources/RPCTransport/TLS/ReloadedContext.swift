import NIOSSL
import Synchronization

/// What a side's connections are secured by, made anew when its files have changed.
///
/// A new connection asks for it, and the files are looked at no more often than the interval. Files
/// that cannot be used, such as a certificate whose key is not there yet, leave all as it was.
final class ReloadedContext: Sendable {
  private struct State {
    var context: NIOSSLContext
    var stamps: [FileStamp?]
    var checked: ContinuousClock.Instant
  }

  private let files: TLSFiles
  private let make: @Sendable (TLSFiles) throws -> TLSConfiguration
  private let state: Mutex<State>

  /// Throws `TransportError` of the kind `badCertificate`.
  init(
    _ files: TLSFiles, _ make: @escaping @Sendable (TLSFiles) throws -> TLSConfiguration
  ) throws(TransportError) {
    self.files = files
    self.make = make
    do {
      let stamps = files.stamps
      let context = try NIOSSLContext(configuration: make(files))
      state = Mutex(State(context: context, stamps: stamps, checked: .now))
    } catch {
      throw TransportError(
        .badCertificate, "TLS cannot be set up with \(files)", cause: error)
    }
  }

  func current() -> NIOSSLContext {
    let now = ContinuousClock.now
    let (context, failure) = state.withLock { state -> (NIOSSLContext, (any Error)?) in
      guard state.checked.duration(to: now) >= files.checkInterval else {
        return (state.context, nil)
      }
      state.checked = now
      let stamps = files.stamps
      guard stamps != state.stamps else { return (state.context, nil) }
      do {
        state.context = try NIOSSLContext(configuration: make(files))
        state.stamps = stamps
        return (state.context, nil)
      } catch {
        return (state.context, error)
      }
    }
    if let failure { files.reloadFailed("the old certificate stays: \(files): \(failure)") }
    return context
  }
}
