import Glibc
import Logging
import RPC
import Tokens

/// Finds out from a call's bearer token who calls (RFC 6750 section 2.1).
///
/// A call without a token goes on as it came.
struct TokenGuard: ServerInterceptor {
  let supply: any TokenKeySupply
  let logger: Logger

  func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    let values = context.metadata.values("authorization")
    if values.isEmpty { return try await proceed(context) }
    var context = context
    do throws(RPCStatus) {
      var caller = try await caller(of: values)
      // The certificate that opened the connection must hold as well.
      caller.expires = min(caller.expires, context.caller.expires)
      context.caller = caller
    } catch {
      if error.isDenial { logger.logDenied(context, error) }
      throw error
    }
    try await proceed(context)
  }

  private func caller(of values: [String]) async throws(RPCStatus) -> Caller {
    guard values.count == 1, let token = Self.token(in: values[0]) else {
      throw RPCStatus(
        .unauthenticated, "\"authorization\" must be given once, as \"Bearer\" and a token")
    }
    return try await caller(of: token)
  }

  private static func token(in value: String) -> String? {
    let words = value.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }

  private func caller(of token: String) async throws(RPCStatus) -> Caller {
    let now = Double(time(nil))
    let keys = try supply.current()
    do throws(TokenError) {
      do throws(TokenError) { return try keys.caller(of: token, now: now) } catch {
        guard error.isForOtherKeys, let newer = await supply.newer(than: keys) else { throw error }
        return try newer.caller(of: token, now: now)
      }
    } catch {
      throw RPCStatus(.unauthenticated, error.description)
    }
  }
}
