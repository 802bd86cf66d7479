import ArgumentParser
import JSON
import RPC
import SidecarConfiguration
import Wire

/// Checks whether the roles serve.
struct Health: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask whether everything serves.",
    discussion: "Asks every role of the deployment, or the server at --address.")

  @Argument(help: "Only this service, such as evented.EventQuery. (default: the server as a whole)")
  var service = ""

  @OptionGroup var client: ClientOptions

  func run() async throws {
    let known = try await client.deployment().addresses
    let roles =
      client.address == nil ? Role.called.filter { known[$0] != nil } : [.commandHandler]
    var output = StandardOutput()
    var worst = Outcome.ok
    for role in roles {
      let name = client.address ?? role.rawValue
      let (status, said) = try await ask(role)
      worst = worst.rawValue < status.rawValue ? status : worst
      try output.line(
        client.json ? line(name, status, said).text : "\(padded(name, 16)) \(said)")
    }
    try output.flush()
    if worst != .ok { throw ExitCode(worst.rawValue) }
  }

  /// An unreachable server is an answer, not a failure.
  private func ask(_ role: Role) async throws -> (Outcome, String) {
    var answer = (Outcome.software, "")
    do {
      try await Client.with(client, default: role) { client, _ in
        let response = try await client.call(
          "grpc.health.v1.Health", "Check", GRPCHealthV1.HealthCheckRequest(service: service),
          as: GRPCHealthV1.HealthCheckResponse.self)
        answer = response.status == .serving ? (.ok, "SERVING") : (.refused, "NOT_SERVING")
      }
    } catch let status as RPCStatus {
      answer = (Outcome(status), "\(status)")
    }
    return answer
  }

  private func line(_ name: String, _ status: Outcome, _ said: String) -> JSONValue {
    ["server": .string(name), "serving": .bool(status == .ok), "status": .string(said)]
  }
}
