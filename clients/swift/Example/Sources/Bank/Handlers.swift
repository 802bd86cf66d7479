import FoundationEssentials
import OutriderClient

func welcome(at connection: Connection, statements: Statements) -> Subscriber {
  let accounts = Aggregates(Account.self, of: "bank", at: connection)
  return Subscriber("welcome", to: ["bank"], at: connection)
    .on(AccountOpened.self) { opened, event in
      // Once, however often this runs.
      try await accounts.update(event.root, ReceiveDeposit(cents: 1000), trigger: event)
      print("a letter to \(opened.owner), with \(event.id) as its idempotency key")
    }
    .on(DepositReceived.self) { received, event in
      await statements.enter(received.cents, event)
    }
    .on(CashWithdrawn.self) { withdrawn, event in
      await statements.enter(-withdrawn.cents, event)
    }
}

/// A read model. It takes an event twice, and keeps it once.
actor Statements {
  private(set) var entries: [UUID: [UInt32: Int]] = [:]

  func enter(_ cents: Int, _ event: Event) {
    entries[event.root, default: [:]][event.sequence] = cents
  }
}
