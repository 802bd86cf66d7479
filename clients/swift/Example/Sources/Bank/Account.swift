import OutriderClient

struct OpenAccount: Payload, Codable { var owner: String }
struct ReceiveDeposit: Payload, Codable { var cents: Int }
struct WithdrawCash: Payload, Codable { var cents: Int }

struct AccountOpened: Payload, Codable { var owner: String }
struct DepositReceived: Payload, Codable { var cents: Int }
struct CashWithdrawn: Payload, Codable { var cents: Int }

struct Account: Aggregate, Codable {
  static let snapshotInterval: Int? = 100  // events; leave it out for no snapshots

  var owner: String?
  var cents = 0

  static let behavior = Behavior()
    .process(OpenAccount.self) { account, command in
      if account.owner != nil {
        throw Refused(.failedPrecondition, "the account is open already")
      }
      return [AccountOpened(owner: command.owner)]
    }
    .process(ReceiveDeposit.self) { account, command in
      if account.owner == nil { throw Refused(.failedPrecondition, "there is no such account") }
      return [DepositReceived(cents: command.cents)]
    }
    .process(WithdrawCash.self) { account, command in
      if command.cents > account.cents {
        throw Refused(.failedPrecondition, "the balance is too low")
      }
      return [CashWithdrawn(cents: command.cents)]
    }
    .apply(AccountOpened.self) { account, event in account.owner = event.owner }
    .apply(DepositReceived.self) { account, event in account.cents += event.cents }
    .apply(CashWithdrawn.self) { account, event in account.cents -= event.cents }
}

struct Balance: Projector, Codable {
  var owner = ""
  var cents = 0

  static let behavior = Behavior()
    .apply(AccountOpened.self) { balance, event in balance.owner = event.owner }
    .apply(DepositReceived.self) { balance, event in balance.cents += event.cents }
    .apply(CashWithdrawn.self) { balance, event in balance.cents -= event.cents }
}
