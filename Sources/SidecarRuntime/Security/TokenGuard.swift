import Files
import Glibc
import Logging
import RPC
import Synchronization
import Tokens

/// Finds out from a call's bearer token who calls (RFC 6750 section 2.1).
///
/// A call without a token goes on as it came. The keys are read again when their file has changed.
final class TokenGuard: ServerInterceptor {
  private final class Keys: Sendable {
    let verifier: TokenVerifier
    /// Tokens that were verified by these keys, since checking a signature costs more than a call.
    let verified = Mutex<[String: TokenClaims]>([:])

    init(_ verifier: TokenVerifier) {
      self.verifier = verifier
    }
  }

  private static let verifiedMax = 1000

  private let keys: Reloaded<[UInt8], Keys>

  init(_ path: String, _ settings: Configuration.Tokens, _ logger: Logger) throws(SidecarError) {
    do {
      keys = try Reloaded(every: .seconds(10)) {
        try readSmallFile(path)
      } make: { bytes in
        Keys(
          try TokenVerifier(keys: bytes, issuer: settings.issuer, audience: settings.audience))
      } failed: { failure in
        logger.warning("the old token keys stay: \(path): \(failure)")
      }
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
    let keys = keys.current()
    if let known = keys.verified.withLock({ $0[token] }), now < known.expires {
      return Caller(.token, names: [known.subject])
    }
    do throws(TokenError) {
      let claims = try keys.verifier.verify(token, now: now)
      keys.verified.withLock { verified in
        if verified.count >= Self.verifiedMax { verified = [:] }
        verified[token] = claims
      }
      return Caller(.token, names: [claims.subject])
    } catch {
      throw RPCStatus(.unauthenticated, error.description)
    }
  }
}
