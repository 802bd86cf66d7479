import Glibc
import Logging
import RPC
import Synchronization
import Tokens

/// Finds out from a call's bearer token who calls (RFC 6750 section 2.1).
///
/// A call without a token goes on as it came. The keys are read again when their file has changed.
final class TokenGuard: ServerInterceptor {
  private struct State {
    var verifier: TokenVerifier
    var bytes: [UInt8]
    var checked: ContinuousClock.Instant
    /// Tokens that were verified by these keys, since checking a signature costs more than a call.
    var verified: [String: TokenClaims] = [:]
  }

  /// How often the file is looked at, at most.
  private static let checkInterval = Duration.seconds(10)
  private static let verifiedMax = 1000

  private let path: String
  private let settings: Configuration.Tokens
  private let logger: Logger
  private let state: Mutex<State>

  init(_ path: String, _ settings: Configuration.Tokens, _ logger: Logger) throws(SidecarError) {
    self.path = path
    self.settings = settings
    self.logger = logger
    do {
      let bytes = try readSmallFile(path)
      let verifier = try Self.verifier(bytes, settings)
      state = Mutex(State(verifier: verifier, bytes: bytes, checked: .now))
    } catch {
      throw SidecarError("tokens.keys: \(path): \(error)")
    }
  }

  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let values = context.metadata.values("authorization")
    guard let value = values.first else { return try await proceed(context) }
    guard values.count == 1, let token = Self.token(in: value) else {
      throw RPCStatus(
        .unauthenticated, "\"authorization\" must be given once, as \"Bearer\" and a token")
    }
    var context = context
    context.caller = try caller(of: token, now: Double(time(nil)))
    try await proceed(context)
  }

  private static func token(in value: String) -> String? {
    let words = value.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }

  private func caller(of token: String, now: Double) throws(RPCStatus) -> Caller {
    refresh()
    let (known, verifier) = state.withLock { ($0.verified[token], $0.verifier) }
    if let known, now < known.expires { return Caller(.token, names: [known.subject]) }
    do throws(TokenError) {
      let claims = try verifier.verify(token, now: now)
      state.withLock { state in
        if state.verified.count >= Self.verifiedMax { state.verified = [:] }
        state.verified[token] = claims
      }
      return Caller(.token, names: [claims.subject])
    } catch {
      throw RPCStatus(.unauthenticated, error.description)
    }
  }

  private func refresh() {
    let now = ContinuousClock.now
    let failure = state.withLock { state -> (any Error)? in
      guard state.checked.duration(to: now) >= Self.checkInterval else { return nil }
      state.checked = now
      do {
        let bytes = try readSmallFile(path)
        guard bytes != state.bytes else { return nil }
        state.verifier = try Self.verifier(bytes, settings)
        state.bytes = bytes
        state.verified = [:]
        return nil
      } catch {
        return error
      }
    }
    if let failure { logger.warning("the old token keys stay: \(path): \(failure)") }
  }

  private static func verifier(
    _ bytes: [UInt8], _ settings: Configuration.Tokens
  ) throws(TokenError) -> TokenVerifier {
    try TokenVerifier(keys: bytes, issuer: settings.issuer, audience: settings.audience)
  }
}
