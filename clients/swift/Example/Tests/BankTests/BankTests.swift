import FoundationEssentials
import OutriderClient
import OutriderClientTesting
import Testing

@testable import Bank

private let opened = AccountOpened(owner: "Ann")
private let (payer, payee) = (UUID(), UUID())
private let terms = StartTransfer(payer: payer, payee: payee, cents: 5)

@Test func cashIsWithdrawnFromWhatThereIs() throws {
  try aggregate(Account.self).given(opened, DepositReceived(cents: 5))
    .when(WithdrawCash(cents: 3)).then(CashWithdrawn(cents: 3)).thenState { $0.cents == 2 }
}

@Test func moreThanTheBalanceIsRefused() throws {
  try aggregate(Account.self).given(opened)
    .when(WithdrawCash(cents: 1)).thenRefused(.failedPrecondition)
}

@Test func balanceAddsUp() throws {
  try projector(Balance.self)
    .given(opened, DepositReceived(cents: 5), CashWithdrawn(cents: 3))
    .then(Balance(owner: "Ann", cents: 2))
}

@Test func transferThatThePayeeRefusesGoesBack() throws {
  let begun = try saga(Transfers.self).when(TransferStarted(terms: terms)).then(
    .send(WithdrawCash(cents: 5), to: payer, in: "bank"),
    .setTimer("patience", after: .seconds(30)))
  let paid = try begun.when(.appended(WithdrawCash(cents: 5), [CashWithdrawn(cents: 5)]))
    .then(.send(ReceiveDeposit(cents: 5), to: payee, in: "bank"))
  let returned =
    try paid
    .when(.refused(ReceiveDeposit(cents: 5), .failedPrecondition, "no account", root: payee))
    .then(.send(ReceiveDeposit(cents: 5), to: payer, in: "bank"))
  try returned
    .when(.appended(ReceiveDeposit(cents: 5), [DepositReceived(cents: 5)], root: payer))
    .then(.send(FailTransfer(reason: "no account"), to: scenarioRoot, in: "transfer"), .finish)
}
