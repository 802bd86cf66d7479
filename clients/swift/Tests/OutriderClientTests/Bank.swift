import FoundationEssentials
import OutriderClient
import OutriderTesting
import RPC

@testable import ReadmeBank

/// The bank of README.md behind all roles of Outrider, in one process and without a socket.
struct Bank {
  let connection: Connection
  let accounts: Aggregates<Account>

  init() {
    let projector = InProcessChannel(Router(Balance.served.services))
    let logic = InProcessChannel(Router(Account.served.services))
    let harness = SidecarHarness(
      projector: { request in
        try await projector.unary(
          Method(service: "evented.Projector", name: "HandleSync"), request)
      },
      logic: { request in
        try await logic.unary(Method(service: "evented.BusinessLogic", name: "Handle"), request)
      })
    connection = Connection(commands: harness.commands, queries: harness.queries)
    accounts = Aggregates(of: "bank", at: connection)
  }

  /// Opens an account with deposits.
  func open(_ deposits: Int...) async throws -> UUID {
    let root = try await accounts.create(OpenAccount(owner: "Ann")).root
    for cents in deposits { _ = try await accounts.update(root, ReceiveDeposit(cents: cents)) }
    return root
  }

  func cents(_ root: UUID) async throws -> Int? {
    try await accounts.find(root)?.aggregate.cents
  }
}

extension Stored {
  /// The events' types, by their names.
  var types: [Substring] { events.map { $0.typeURL.dropFirst("json/".count) } }
}
