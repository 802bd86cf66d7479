import FoundationEssentials
import OutriderClient

func useTheBank(at connection: Connection) async throws {
  let accounts = Aggregates(Account.self, of: "bank", at: connection)

  let ann = try await accounts.create(OpenAccount(owner: "Ann")).root
  try await accounts.update(ann, ReceiveDeposit(cents: 500))
  let stored = try await accounts.update(ann) { account in  // decides on what it reads
    WithdrawCash(cents: account.cents / 2)
  }

  if let found = try await accounts.find(ann) {
    print(found.aggregate.cents, "cents after", found.nextSequence, "events")
  }

  do {
    try await accounts.update(ann, WithdrawCash(cents: 1_000_000))
  } catch let refusal as Refused {
    print("refused:", refusal.message)
  }

  let balances = Projections(Balance.self, by: "balance", of: "bank", at: connection)
  if let balance = try await balances.find(ann, atLeast: stored.position) {
    print(balance.owner, "has", balance.cents, "cents")
  }
}
