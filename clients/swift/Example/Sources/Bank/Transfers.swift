import FoundationEssentials
import OutriderClient

struct StartTransfer: Payload, Codable {
  var payer: UUID
  var payee: UUID
  var cents: Int
}
struct CompleteTransfer: Payload, Codable {}
struct FailTransfer: Payload, Codable { var reason: String }

struct TransferStarted: Payload, Codable { var terms: StartTransfer }
struct TransferCompleted: Payload, Codable {}
struct TransferFailed: Payload, Codable { var reason: String }

struct Transfer: Aggregate, Codable {
  var end: String?

  static let behavior = Behavior()
    .process(StartTransfer.self) { _, command in [TransferStarted(terms: command)] }
    .process(CompleteTransfer.self) { _, _ in [TransferCompleted()] }
    .process(FailTransfer.self) { _, command in [TransferFailed(reason: command.reason)] }
    .apply(TransferStarted.self) { _, _ in }
    .apply(TransferCompleted.self) { transfer, _ in transfer.end = "completed" }
    .apply(TransferFailed.self) { transfer, event in transfer.end = event.reason }
}

/// Moves the money. What was withdrawn and not deposited goes back.
struct Transfers: Saga, Codable {
  var transfer: UUID?
  var terms: StartTransfer?
  var failure: String?

  static let behavior = Behavior()
    .on(TransferStarted.self) { saga, started, event, reaction in
      let terms = started.terms
      (saga.transfer, saga.terms) = (event.root, terms)
      try reaction.send(WithdrawCash(cents: terms.cents), to: terms.payer, in: "bank")
      reaction.setTimer("patience", after: .seconds(30))
    }
    .timer("patience") { saga, _ in saga.failure = "it took too long" }
    .outcome(of: WithdrawCash.self) { saga, _, outcome, reaction in
      guard let terms = saga.terms else { return }
      if let refusal = outcome.refusal {
        try saga.end(refusal.message, &reaction)
      } else {
        let account = saga.failure == nil ? terms.payee : terms.payer
        try reaction.send(ReceiveDeposit(cents: terms.cents), to: account, in: "bank")
      }
    }
    .outcome(of: ReceiveDeposit.self) { saga, deposit, outcome, reaction in
      guard let terms = saga.terms else { return }
      if let refusal = outcome.refusal, outcome.root == terms.payee {
        saga.failure = refusal.message
        try reaction.send(deposit, to: terms.payer, in: "bank")
      } else {
        try saga.end(outcome.root == terms.payer ? saga.failure : nil, &reaction)
      }
    }

  func end(_ failure: String?, _ reaction: inout SagaReaction) throws {
    guard let transfer else { return }
    if let failure {
      try reaction.send(FailTransfer(reason: failure), to: transfer, in: "transfer")
    } else {
      try reaction.send(CompleteTransfer(), to: transfer, in: "transfer")
    }
    reaction.finish()
  }
}
