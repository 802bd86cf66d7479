import ArgumentParser
import RPC
import RPCTransport
import SidecarConfiguration
import Testing

@testable import outrider

@Suite struct OutcomeTests {
  @Test(
    arguments: [
      (RPCStatus.Code.ok, 0), (.cancelled, 75), (.unknown, 70), (.invalidArgument, 1),
      (.deadlineExceeded, 75), (.notFound, 1), (.alreadyExists, 1), (.permissionDenied, 1),
      (.resourceExhausted, 1), (.failedPrecondition, 1), (.aborted, 75), (.outOfRange, 1),
      (.unimplemented, 1), (.internal, 70), (.unavailable, 69), (.dataLoss, 70),
      (.unauthenticated, 1),
    ] as [(RPCStatus.Code, Int32)])
  func everyStatusHasItsExitCode(code: RPCStatus.Code, exit: Int32) {
    #expect(Outcome(RPCStatus(code)).rawValue == exit)
  }

  /// What is too large stays too large; a queue that is full does not stay full.
  @Test func exhaustionIsWorthAnotherTryWhereTheServerSaysWhen() {
    let busy = RPCStatus(.resourceExhausted).with([.retryInfo(after: .seconds(1))])
    #expect(Outcome(busy) == .tryAgain)
  }

  @Test func everyErrorOfOursHasItsExitCode() {
    #expect(Outcome(SidecarError("strict", .configuration)) == .configuration)
    #expect(Outcome(SidecarError("no key", .unreadableFile)) == .noInput)
    #expect(Outcome(SidecarError("no PEM", .badFile)) == .badData)
    #expect(Outcome(SidecarError("port in use")) == .unavailable)
    #expect(Outcome(ConfigurationError(problems: [])) == .configuration)
    #expect(Outcome(ConfigurationError(problems: [], isOfUnreadableFile: true)) == .noInput)
    #expect(Outcome(CancellationError()) == .tryAgain)
    #expect(Outcome(OutputFailure.closed) == .ok)
    #expect(Outcome(OutputFailure.system(28)) == .output)
  }

  @Test func tableHasEveryCodeWithItsMeaning() {
    let codes = Outcome.table.split(separator: "\n").map { Int32($0.prefix { $0.isNumber }) }
    #expect(codes == Outcome.allCases.map(\.rawValue))
    #expect(ExitCodes.helpMessage(columns: 200).contains(Outcome.tryAgain.meaning))
  }
}
