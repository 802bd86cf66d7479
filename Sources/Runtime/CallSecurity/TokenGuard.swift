import EventModel
import Glibc
import RPC
import Timing
import Tokens

/// Identifies the caller by a call's bearer token (RFC 6750 section 2.1).
struct TokenGuard: Sendable {
  /// The result of examining a call's metadata.
  enum Finding {
    /// No token.
    case nothing
    case caller(Caller)
    case refused(RPCStatus)
    /// The key is unknown; newer keys may have it.
    case pending(@Sendable () async -> Finding)
  }

  let supply: any TokenKeySupply

  /// - Parameter connection: the caller of the connection. The result expires with the
  ///   connection's certificate.
  func examine(_ metadata: Metadata, from connection: Caller) -> Finding {
    let values = metadata.values("authorization")
    guard let value = values.first else { return .nothing }
    guard values.count == 1, let token = Self.token(in: value) else {
      return .refused(
        RPCStatus(
          .unauthenticated, "\"authorization\" must be given once, as \"Bearer\" and a token"))
    }
    do throws(RPCStatus) {
      let keys = try supply.current()
      do throws(TokenError) { return .caller(try keys.caller(of: token, from: connection)) } catch {
        guard error.isForOtherKeys else { return .refused(RPCStatus(error)) }
        return .pending { [supply] in
          guard let newer = await supply.newer(than: keys) else {
            return .refused(RPCStatus(error))
          }
          do throws(TokenError) {
            return .caller(try newer.caller(of: token, from: connection))
          } catch {
            return .refused(RPCStatus(error))
          }
        }
      }
    } catch {
      return .refused(error)
    }
  }

  private static func token(in value: String) -> String? {
    let words = value.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }
}

extension TokenKeys {
  fileprivate func caller(
    of token: String, from connection: Caller
  ) throws(TokenError) -> Caller {
    var caller = try caller(of: Name(token), now: Double(Environment.live.now().seconds))
    caller.expires = min(caller.expires, connection.expires)
    return caller
  }
}

extension RPCStatus {
  fileprivate init(_ error: TokenError) { self.init(.unauthenticated, error.description) }
}
