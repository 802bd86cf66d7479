import Logging
import RPC
import Synchronization

/// Shows other sidecars the bearer token of this process (RFC 6750 section 2.1).
///
/// The file is read again now and then, and as soon as a call was refused for its token, since tokens are
/// given for a time and renewed in place. While there is no token in it, the last one is shown.
final class PeerToken: ClientInterceptor {
  private struct State {
    var authorization: String
    var read: ContinuousClock.Instant
    var isRefused = false
  }

  private static let readInterval = Duration.seconds(10)

  private let path: String
  private let logger: Logger
  private let state: Mutex<State>

  init(_ path: String, _ logger: Logger) throws(SidecarError) {
    self.path = path
    self.logger = logger
    do {
      state = Mutex(State(authorization: try Self.authorization(path), read: .now))
    } catch {
      throw SidecarError("tokens.peer-file: \(path): \(error)")
    }
  }

  func begin(
    _ method: Method, _ options: inout CallOptions
  ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)? {
    options.metadata.append("authorization", authorization())
    return { [self] status in
      if status.code == .unauthenticated { state.withLock { $0.isRefused = true } }
    }
  }

  private func authorization() -> String {
    let now = ContinuousClock.now
    let (authorization, failure) = state.withLock { state -> (String, SidecarError?) in
      guard state.isRefused || state.read.duration(to: now) >= Self.readInterval else {
        return (state.authorization, nil)
      }
      state.read = now
      state.isRefused = false
      do throws(SidecarError) { state.authorization = try Self.authorization(path) } catch {
        return (state.authorization, error)
      }
      return (state.authorization, nil)
    }
    if let failure { logger.warning("the old token stays: \(path): \(failure)") }
    return authorization
  }

  /// The header's value.
  private static func authorization(_ path: String) throws(SidecarError) -> String {
    let words = try readSmallFile(path).split { $0 <= UInt8(ascii: " ") }
    guard words.count == 1, words[0].allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw SidecarError("it must hold one token and nothing else")
    }
    return "Bearer \(String(decoding: words[0], as: UTF8.self))"
  }
}
