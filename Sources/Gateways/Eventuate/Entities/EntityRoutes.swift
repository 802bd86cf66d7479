import Encodings
import HTTP1
import JSON
import RPC

/// Eventuate's REST API, below `/entity`.
package struct EntityRoutes: Sendable {
  private let backends: EventuateBackends
  private let authenticate: @Sendable (String?, String?, Caller) -> Caller?

  /// - Parameter authenticate: returns the caller, by the id and the secret of an API key, or by
  ///   the connection's certificate; nil if neither is valid.
  package init(
    _ backends: EventuateBackends,
    authenticate: @escaping @Sendable (String?, String?, Caller) -> Caller?
  ) {
    self.backends = backends
    self.authenticate = authenticate
  }

  package var routes: [HTTPRoute] {
    let entity = "/entity/{space}/{type}/{id}"
    return [
      route("POST", "/entity/{space}") { store, request throws(EventuateFailure) in
        let space = request.parameters["space"] ?? ""
        return try await store.create(CreateRequest(request.body, space: space)).body
      },
      route("POST", entity) { store, request throws(EventuateFailure) in
        try await store.update(UpdateRequest(request.body, of: Self.entity(request))).body
      },
      route("GET", entity) { store, request throws(EventuateFailure) in
        let token: String?
        do throws(HTTPFailure) {
          token = try request.target.value("triggeringEventToken")
        } catch { throw .malformed(error.message) }
        let wanted = token.flatMap { $0.isEmpty ? nil : TriggeringToken($0) }
        return try await store.find(Self.entity(request), wanted).body
      },
    ]
  }

  private func route(
    _ method: String, _ pattern: String,
    _ answer:
      @escaping @Sendable (EntityStore, HTTPRequest) async throws(EventuateFailure) -> JSONValue
  ) -> HTTPRoute {
    HTTPRoute(method, pattern) { request in
      do throws(EventuateFailure) {
        var store = EntityStore(
          calls: EventuateCalls(backends: backends, caller: try caller(of: request)))
        store.hold = { count throws(EventuateFailure) in
          do throws(HTTPFailure) { try await request.hold(count) } catch {
            throw EventuateFailure(RPCStatus(.resourceExhausted, error.message))
          }
        }
        return Self.response(200, try await answer(store, request))
      } catch {
        var response = Self.response(error.status, error.body)
        if error.status == 401 {
          response.fields.set("WWW-Authenticate", "Basic realm=\"eventuate\"")
        }
        return response
      }
    }
  }

  private static func response(_ status: Int, _ body: JSONValue) -> HTTPResponse {
    HTTPResponse(status, type: "application/json;charset=UTF-8", body.text)
  }

  private static func entity(_ request: HTTPRequest) throws(EventuateFailure) -> EntityName {
    let parameters = request.parameters
    return try EntityName(
      EntityType(parameters["type"] ?? "", in: parameters["space"]), id: parameters["id"] ?? "")
  }

  /// By HTTP basic authentication (RFC 7617 section 2).
  private func caller(of request: HTTPRequest) throws(EventuateFailure) -> Caller {
    var credentials: (login: String, passcode: String)?
    if let field = request.fields["Authorization"] {
      let words = field.split(separator: " ", omittingEmptySubsequences: true)
      guard words.count == 2, words[0].lowercased() == "basic",
        let bytes = Base64.decode(Array(words[1].utf8)),
        let text = String(validating: bytes, as: UTF8.self), let colon = text.firstIndex(of: ":")
      else {
        throw .unauthenticated("Authorization must be Basic, with the API key's id and secret")
      }
      credentials = (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
    guard let caller = authenticate(credentials?.login, credentials?.passcode, request.caller)
    else { throw .unauthenticated("the request needs the id and secret of an API key") }
    return caller
  }
}
