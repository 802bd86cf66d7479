import FoundationEssentials
import OutriderClient
import OutriderClientTesting
import Testing

@testable import ReadmeBank

/// The test kit finds what does not hold, and says where.
@Suite struct ScenarioTests {
  private let opened = AccountOpened(owner: "Ann")

  @Test func scenariosHold() throws {
    let past = aggregate(Account.self).given(opened, DepositReceived(cents: 5))
    try past.when(WithdrawCash(cents: 3)).then(CashWithdrawn(cents: 3)).thenState { $0.cents == 2 }
    try past.when(WithdrawCash(cents: 6)).thenRefused(.failedPrecondition, "the balance is too low")
    try past.then().thenState { $0.owner == "Ann" }
    try projector(Balance.self).given(opened, DepositReceived(cents: 5))
      .then(Balance(owner: "Ann", cents: 5))
  }

  @Test func sagaTakesItsInputsOneByOne() throws {
    let (payer, payee) = (UUID(), UUID())
    let terms = StartTransfer(payer: payer, payee: payee, cents: 5)
    let begun = try saga(Transfers.self).when(TransferStarted(terms: terms)).then(
      .send(WithdrawCash(cents: 5), to: payer, in: "bank"),
      .setTimer("patience", after: .seconds(30)))
    let withdrawn = SagaInput.appended(WithdrawCash(cents: 5), [CashWithdrawn(cents: 5)])
    try begun.when(withdrawn).then(.send(ReceiveDeposit(cents: 5), to: payee, in: "bank"))
    // What was withdrawn too late goes back.
    let late = try begun.when(.fired("patience")).then().when(withdrawn)
      .then(.send(ReceiveDeposit(cents: 5), to: payer, in: "bank"))
    try late
      .when(.appended(ReceiveDeposit(cents: 5), [DepositReceived(cents: 5)], root: payer))
      .then(
        .send(FailTransfer(reason: "it took too long"), to: scenarioRoot, in: "transfer"), .finish)
    try begun.when(.refused(WithdrawCash(cents: 5), .failedPrecondition, "no"))
      .then(.send(FailTransfer(reason: "no"), to: scenarioRoot, in: "transfer"), .finish)
      .thenState { $0.transfer == scenarioRoot }
    #expect(throws: ScenarioFailure.self) {
      try begun.when(withdrawn).then(.send(ReceiveDeposit(cents: 5), to: payer, in: "bank"))
    }
  }

  @Test func whatDoesNotHoldSaysWhatItIs() throws {
    let past = aggregate(Account.self).given(opened)
    let failure = #expect(throws: ScenarioFailure.self) {
      try past.when(ReceiveDeposit(cents: 3)).then(DepositReceived(cents: 4))
    }
    #expect(
      failure?.message == """
        expected:
          json/DepositReceived {"cents":4}; it is:
          json/DepositReceived {"cents":3}
        """)
    #expect(failure?.place.contains("ScenarioTests.swift:") == true)
    #expect(throws: ScenarioFailure.self) {
      try past.when(ReceiveDeposit(cents: 3)).thenRefused(.failedPrecondition)
    }
    #expect(throws: ScenarioFailure.self) {
      try past.when(WithdrawCash(cents: 3)).thenRefused(.notFound)
    }
    #expect(throws: ScenarioFailure.self) { try past.thenState { $0.cents == 1 } }
    #expect(throws: ScenarioFailure.self) {
      try projector(Balance.self).given(opened).then(Balance(owner: "Bob"))
    }
  }

  /// State that another style of delivery would not come to.
  @Test func projectionThatDependsOnPortionsIsFound() throws {
    struct Portions: Projector, Codable, Equatable {
      var count = 0
      static let behavior = Behavior()
        .apply(AccountOpened.self) { state, _ in state.count = state.count == 0 ? 1 : 5 }
      // What is read back is not what was written.
      init() {}
      init(count: Int) { self.count = count }
      init(from decoder: any Decoder) throws { count = 2 }
    }
    #expect(throws: ScenarioFailure.self) {
      try projector(Portions.self).given(opened, opened).then(Portions(count: 5))
    }
  }
}
