import EventModel
import Logging
import RPC
import Synchronization
import Testing

@testable import Telemetry

@Suite(.timeLimit(.minutes(5))) final class CallLogTests: Sendable {
  private let lines = Mutex<[String]>([])

  /// What is logged of calls at a level, without the time that they took.
  private func logged(
    at level: Logger.Level, _ handle: @escaping @Sendable () throws -> Void
  ) async -> [String] {
    var handler = LineLogHandler(
      label: "x", format: { $0.textLine }, now: { Timestamp(seconds: 0, nanoseconds: 0) },
      sink: { [self] line in lines.withLock { $0.append(line) } })
    handler.logLevel = level
    let logger = Logger(label: "x") { [handler] _ in handler }
    let service = Service(
      "test.Test",
      [
        "Do": .unary { message, _ in
          try handle()
          return message
        }
      ])
    let channel = InProcessChannel([service.intercepted(by: [TraceCarrier(), CallLog(logger)])])
    _ = try? await channel.unary(
      Method(service: "test.Test", name: "Do"), [],
      CallOptions(metadata: ["traceparent": "00-1-2-01"]))
    return lines.withLock { lines in
      lines.map { $0.replacing(#/duration=\d+\.\d+ms/#, with: "duration") }
    }
  }

  @Test func callIsOneLineWithWhatItWasAbout() async {
    let lines = await logged(at: .debug) { CallNotes.current?.note("domain", "bank") }
    #expect(
      lines == [
        "00:00:00.000Z debug    call  domain=bank duration method=test.Test/Do peer=in-process "
          + "status=OK traceparent=00-1-2-01\n"
      ])
  }

  @Test func callOnSeveralDomainsSaysSo() async {
    let lines = await logged(at: .debug) {
      for domain in ["a", "b", "a"] { CallNotes.current?.note("domain", domain) }
    }
    #expect(lines.first?.contains("domain=* ") == true)
  }

  @Test func callIsNotLoggedAboveDebug() async {
    let lines = await logged(at: .info) {}
    #expect(lines.isEmpty)
  }

  @Test func deniedCallSaysWhoWasDeniedWhatAndWhy() async {
    let lines = await logged(at: .info) { throw RPCStatus(.permissionDenied, "not yours") }
    #expect(
      lines == [
        "00:00:00.000Z info     a call was denied  caller=somebody error=\"not yours\" "
          + "method=test.Test/Do peer=in-process status=PERMISSION_DENIED\n"
      ])
  }

  @Test func refusalIsNoMatterForTheOperator() async {
    let lines = await logged(at: .info) { throw RPCStatus(.failedPrecondition, "no money") }
    #expect(lines.isEmpty)
  }

  @Test(arguments: [
    (RPCStatus.Code.internal, "error"), (.dataLoss, "error"), (.unknown, "warning"),
  ])
  func defectIsLoggedAtEveryLevelThatShowsIt(_ code: RPCStatus.Code, _ level: String) async {
    let lines = await logged(at: .warning) {
      throw RPCStatus(code, "broken")
    }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("\(level) ") == true)
    #expect(lines.first?.contains("error=broken") == true)
    #expect(lines.first?.contains("status=\(code)") == true)
  }
}
