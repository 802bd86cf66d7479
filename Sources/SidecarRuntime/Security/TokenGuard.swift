import EventModel
import Glibc
import RPC
import Tokens

/// Finds out from a call's bearer token who calls (RFC 6750 section 2.1).
///
/// A call without a token goes on as it came.
struct TokenGuard: ServerInterceptor {
  let supply: any TokenKeySupply

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
    context.caller = try await caller(of: Name(token))
    try await proceed(context)
  }

  private static func token(in value: String) -> String? {
    let words = value.split(separator: " ", omittingEmptySubsequences: true)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }

  private func caller(of token: Name) async throws(RPCStatus) -> Caller {
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
