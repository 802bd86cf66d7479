import HTTP1
import JSON
import RPC
import Testing

@testable import RestGateway

@Suite(.timeLimit(.minutes(1))) struct OpenAPITests {
  private func document() async throws -> JSONValue {
    let channel = InProcessChannel([Service]())
    let gateway = RestGateway(
      Backends(commands: { _ in channel }, queries: { _ in channel }), GatewaySettings(),
      isServing: { true })
    var request = HTTPRequest(method: "GET", target: try HTTPTarget("/openapi.json"))
    let handle = try gateway.service().router.route(&request)
    guard case .bytes(let bytes) = try await handle(request).body else { return .null }
    return try JSONValue.parse(bytes)
  }

  @Test func everyReferenceLeadsSomewhere() async throws {
    let document = try await document()
    let names = Set(members(of: document["components"]?["schemas"]).map(\.name))
    let references = references(in: document)
    #expect(!references.isEmpty)
    for reference in references {
      #expect(names.contains(String(reference.dropFirst("#/components/schemas/".count))))
    }
  }

  @Test func everyParameterOfAPathIsDescribed() async throws {
    for path in members(of: try await document()["paths"]) {
      let wanted = path.name.split(separator: "/").filter { $0.hasPrefix("{") }
        .map { String($0.dropFirst().dropLast()) }
      for operation in members(of: path.value) {
        guard case .array(let parameters)? = operation.value["parameters"] ?? .array([]) else {
          continue
        }
        let described = parameters.filter { $0["in"] == "path" }.compactMap { $0["name"] }
        #expect(Set(described.map(\.text)) == Set(wanted.map { JSONValue.string($0).text }))
      }
    }
  }

  private func members(of value: JSONValue?) -> [JSONValue.Member] {
    guard case .object(let members)? = value else { return [] }
    return members
  }

  private func references(in value: JSONValue) -> [String] {
    switch value {
    case .object(let members):
      members.flatMap { member -> [String] in
        if member.name == "$ref", case .string(let text) = member.value { return [text] }
        return references(in: member.value)
      }
    case .array(let elements): elements.flatMap(references)
    default: []
    }
  }
}
