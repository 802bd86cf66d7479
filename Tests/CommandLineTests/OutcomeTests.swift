import RPC
import Testing

@testable import outrider

@Suite struct OutcomeTests {
  @Test(
    arguments: [
      (RPCStatus.Code.ok, 0), (.cancelled, 75), (.unknown, 70), (.invalidArgument, 1),
      (.deadlineExceeded, 75), (.notFound, 1), (.alreadyExists, 1), (.permissionDenied, 1),
      (.resourceExhausted, 75), (.failedPrecondition, 1), (.aborted, 75), (.outOfRange, 1),
      (.unimplemented, 70), (.internal, 70), (.unavailable, 69), (.dataLoss, 70),
      (.unauthenticated, 1),
    ] as [(RPCStatus.Code, Int32)])
  func everyStatusHasItsExitCode(code: RPCStatus.Code, exit: Int32) {
    #expect(Outcome(code).rawValue == exit)
  }

  @Test func helpNamesEveryCode() {
    for status: Outcome in [
      .ok, .refused, .usage, .badData, .noInput, .unavailable, .software, .tryAgain, .configuration,
    ] {
      #expect(Outcome.help.contains("\(status.rawValue) "))
    }
  }
}
