import FoundationEssentials
import OutriderClient

// What `clients/swift/e2e` runs beside a sidecar.
//
// Usage: swift-client                   serves the logic of accounts
//        swift-client open OWNER...     opens an account for each owner, and prints its root
//        swift-client handle NAME LANES prints the owner of each account that is opened
//
// COMMANDS_ADDRESS and QUERIES_ADDRESS say where the sidecar is, AUTHORITIES whose signatures are
// trusted, and TOKEN_FILE where the token of each call is.

struct OpenAccount: Payload, Codable { var owner: String }
struct AccountOpened: Payload, Codable { var owner: String }

struct Account: Aggregate, Codable {
  var owner = ""

  static let behavior = Behavior()
    .process(OpenAccount.self) { _, command in [AccountOpened(owner: command.owner)] }
    .apply(AccountOpened.self) { account, event in account.owner = event.owner }
}

func connect() throws -> Connection {
  let environment = ProcessInfo.processInfo.environment
  let file = environment["TOKEN_FILE"]
  return try Connection(
    commands: environment["COMMANDS_ADDRESS"] ?? "127.0.0.1:1313",
    queries: environment["QUERIES_ADDRESS"] ?? "127.0.0.1:1314",
    tls: environment["AUTHORITIES"].map { Connection.TLS(authorities: $0) },
    token: file.map { file in
      { @Sendable in String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self) }
    })
}

func open(_ owners: some Sequence<String>) async throws {
  let accounts = Aggregates(Account.self, of: "bank", at: try connect())
  for owner in owners {
    print(try await accounts.create(OpenAccount(owner: owner), timeout: .seconds(3)).root)
  }
}

func handle(_ name: String, lanes: Int) async throws {
  let subscriber = Subscriber(name, to: ["bank"], at: try connect(), lanes: lanes)
    .on(AccountOpened.self) { opened, _ in print(opened.owner) }
  try await serve(beside: [subscriber])
}

let arguments = CommandLine.arguments.dropFirst()
do {
  switch (arguments.first, arguments.count) {
  case ("open", _): try await open(arguments.dropFirst())
  case ("handle", 3): try await handle(arguments[2], lanes: Int(arguments[3]) ?? 1)
  default: try await serve(Account.self)
  }
} catch let refusal as Refused {
  print("refused:", refusal)
} catch let failure as Unavailable {
  print("unavailable:", failure)
}
