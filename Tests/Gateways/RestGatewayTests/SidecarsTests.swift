import HTTP1
import JSON
import OutriderTesting
import Testing

@testable import RestGateway

/// The gateway over real sidecars in memory.
@Suite(.timeLimit(.minutes(5))) struct SidecarsTests {
  private let harness = SidecarHarness { _ in
    eventBook(nil, field(4, field(1, "type.googleapis.com/google.protobuf.BytesValue")))
  }

  private func answer(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) async throws -> (status: Int, body: JSONValue) {
    let gateway = RestGateway(
      Backends(
        commands: { [harness] _ in harness.commands }, queries: { [harness] _ in harness.queries }),
      GatewaySettings(), isServing: { true })
    var request = HTTPRequest(
      method: method, target: try HTTPTarget("/v1/domains/bank/aggregates/alice/\(path)"),
      fields: ["Content-Type": "application/json"], body: body.map { Array($0.text.utf8) } ?? [])
    let handle = try gateway.service().router.route(&request)
    let response = try await handle(request)
    guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
    return (response.status, try JSONValue.parse(bytes))
  }

  /// The types of an answer's events.
  private func types(in body: JSONValue) -> [JSONValue?] {
    guard case .array(let events)? = body["events"] else { return [] }
    return events.map { $0["type"] }
  }

  @Test func eventsOfACommandAreAnsweredAndReadBack() async throws {
    let command: JSONValue = ["type": "google.protobuf.BytesValue", "payload": "eA=="]
    let stored = try await answer("POST", "commands", command)
    #expect(stored.status == 200)
    #expect(types(in: stored.body) == ["google.protobuf.BytesValue"])
    let read = try await answer("GET", "events")
    #expect(read.status == 200)
    #expect(read.body["nextSequence"] == 1)
    #expect(types(in: read.body) == ["google.protobuf.BytesValue"])
  }
}
