import EventModel
import RPC
import SidecarConfiguration
import Synchronization
import Tokens

/// Verifies tokens by keys. Caches verified tokens, since verification costs more than a call.
final class TokenKeys: Sendable {
  private static let verifiedMax = 1000

  private let verifier: TokenVerifier
  private let verified = Mutex<[Name: TokenClaims]>([:])

  /// - Parameter bytes: keys in a form that `TokenVerifier` reads.
  init(_ bytes: [UInt8], _ settings: Configuration.Tokens) throws(TokenError) {
    verifier = try TokenVerifier(
      keys: bytes, issuer: settings.issuer, audience: settings.audience)
  }

  /// - Parameter now: seconds since 1970.
  func caller(of token: Name, now: Double) throws(TokenError) -> Caller {
    if let known = verified.withLock({ $0[token] }), now < known.expires { return Caller(known) }
    let claims = try verifier.verify(token.text, now: now)
    verified.withLock { verified in
      if verified.count >= Self.verifiedMax { verified = [:] }
      verified[token] = claims
    }
    return Caller(claims)
  }
}

extension Caller {
  /// The caller that a token names, until the token expires.
  fileprivate init(_ claims: TokenClaims) {
    self.init(
      .token, names: [CallerName(.token, claims.subject)],
      expires: claims.expires + TokenVerifier.leeway)
  }
}

/// The source of the current keys.
protocol TokenKeySupply: Sendable {
  /// The current keys. Throws UNAVAILABLE if there are none yet.
  func current() throws(RPCStatus) -> TokenKeys
  /// Newer keys, for a token that the old ones do not verify; nil if there are none.
  func newer(than old: TokenKeys) async -> TokenKeys?
}
