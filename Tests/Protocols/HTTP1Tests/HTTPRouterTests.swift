import HTTP1
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPRouterTests {
  private let router = HTTPRouter([
    HTTPRoute("GET", "/things/{name}") { HTTPResponse(type: "x", $0.parameters["name"] ?? "") },
    HTTPRoute("POST", "/things/{name}") { _ in HTTPResponse(201) },
    HTTPRoute("GET", "/things/all/parts") { _ in HTTPResponse(200) },
  ])

  private func answer(_ method: String, _ path: String) async throws -> HTTPResponse {
    var request = HTTPRequest(method: method, target: try HTTPTarget(path))
    let handle = try router.route(&request)
    return try await handle(request)
  }

  @Test func parametersAreTakenFromThePath() async throws {
    let body = try await answer("GET", "/things/a%2Fb").body
    guard case .bytes(let bytes) = body else {
      Issue.record("no bytes: \(body)")
      return
    }
    #expect(String(decoding: bytes, as: UTF8.self) == "a/b")
    #expect(try await answer("HEAD", "/things/a").status == 200)
    #expect(try await answer("POST", "/things/a").status == 201)
  }

  @Test(arguments: ["/", "/things", "/things/a/b", "/things/a/", "//things/a"])
  func otherPathsAreNotFound(path: String) async {
    let failure = await #expect(throws: HTTPFailure.self) { try await answer("GET", path) }
    #expect(failure?.status == 404)
  }

  @Test func otherMethodsAreToldWhatIsAllowed() async throws {
    let failure = await #expect(throws: HTTPFailure.self) {
      try await answer("DELETE", "/things/a")
    }
    #expect(failure?.status == 405)
    #expect(failure?.fields["allow"] == "GET, HEAD, POST, OPTIONS")
    #expect(try await answer("OPTIONS", "/things/a").fields["Allow"] == failure?.fields["Allow"])
  }
}
