import Wire

/// The result of asking one address of a deployment for its status.
public struct StatusAnswer: Sendable {
  public enum Outcome: Sendable {
    /// The offset is the process's clock minus the caller's.
    case status(OutriderV1.ProcessStatus, clock: OutriderV1.StoreStatus.Clock)
    /// No answer, and why.
    case unreachable(String)
    /// An answer without a status, and why.
    case refused(String)
  }

  public var address: String
  public var outcome: Outcome

  public init(address: String, _ outcome: Outcome) {
    self.address = address
    self.outcome = outcome
  }
}

extension [StatusAnswer] {
  /// The findings of all processes, and those that only show across several; most urgent first.
  public func findings(beyond limits: StatusLimits) -> [OutriderV1.Finding] {
    flatMap { answer -> [OutriderV1.Finding] in
      switch answer.outcome {
      case .unreachable(let reason):
        return [
          .init(
            .failing, .unreachable, "nobody answers: \(reason)", at: answer.address,
            do: "start Outrider there, or correct the address")
        ]
      case .refused(let reason):
        return [
          .init(
            .failing, .statusRefused, "it does not tell its state: \(reason)", at: answer.address,
            do: "show a token or certificate that may ask, or name an address of Outrider")
        ]
      case .status(let status, let clock):
        let isOff = clock.offset.magnitude - clock.error > limits.clockOffset
        return status.findings
          + (isOff
            ? [.clockOff(by: clock.offset, from: "this machine", at: answer.address)] : [])
      }
    }.byUrgency
  }
}
