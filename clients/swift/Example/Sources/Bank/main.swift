import FoundationEssentials
import OutriderClient

/// The sidecars, where they are not at their default addresses.
func connect() throws -> Connection {
  let environment = ProcessInfo.processInfo.environment
  return try Connection(
    commands: environment["COMMANDS_ADDRESS"] ?? "127.0.0.1:1313",
    queries: environment["QUERIES_ADDRESS"] ?? "127.0.0.1:1314")
}

switch CommandLine.arguments.dropFirst().first {
case "customer": try await useTheBank(at: connect())
case "handlers": try await serve(beside: [welcome(at: connect(), statements: Statements())])
case "transfer": try await serve(Transfer.self)
case "transfers": try await serve(Transfers.self)
default: try await serve(Account.self, Balance.self)
}
