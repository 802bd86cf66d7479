import EventModel
import JSON
import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite struct LogTests {
  private let moment = Timestamp(seconds: 1_772_358_067, nanoseconds: 42_999_999)

  private func record(_ message: String, _ metadata: KeyValuePairs<String, Logger.MetadataValue>)
    -> LogRecord
  {
    LogRecord(
      time: moment, level: .warning, label: "outrider", message: message,
      metadata: metadata.map { (key: $0.key, value: $0.value) })
  }

  @Test func textIsOneReadableLine() {
    #expect(
      record("logic is away", ["domain": "bank", "reason": "no route"]).textLine
        == "09:41:07.042Z warning  logic is away  domain=bank reason=\"no route\"\n")
    #expect(record("plain", [:]).textLine == "09:41:07.042Z warning  plain\n")
  }

  @Test func textFromOutsideCannotBreakTheLineOrTheTerminal() {
    #expect(
      record("a\nb\u{1B}[2J", ["k": "x\t\"y\""]).textLine
        == "09:41:07.042Z warning  a\\nb\\u{1b}[2J  k=\"x\\t\\\"y\\\"\"\n")
  }

  @Test(arguments: [
    "\u{1B}]0;title\u{7}", "\u{9B}2J", "\u{202E}", "\u{2066}", "\u{2028}", "\u{2029}",
  ])
  func nothingThatControlsADisplayIsLogged(_ text: String) {
    let record = record(text, ["domain": "\(text)"])
    for line in [record.textLine, record.jsonLine] {
      #expect(line.dropLast().unicodeScalars.allSatisfy { !$0.controlsDisplay })
    }
  }

  @Test func jsonIsOneObjectOnALine() {
    #expect(
      record("a\n\"b\"", ["list": ["x", ["k": "v"]], "level": "high"]).jsonLine
        == #"{"time":"2026-03-01T09:41:07.042Z","level":"warning","logger":"outrider","#
        + #""message":"a\n\"b\"","list":["x",{"k":"v"}],"level_":"high"}"# + "\n")
  }

  @Test func levelOfAllLoggersChangesAtOnceButForThoseWithTheirOwn() {
    let level = SharedLogLevel(.warning)
    let lines = Mutex<[String]>([])
    func logger(_ label: String) -> Logger {
      Logger(label: label) { [moment] label in
        LineLogHandler(
          label: label, format: { $0.message }, now: { moment },
          sink: { line in lines.withLock { $0.append(line) } }, sharedLevel: level)
      }
    }
    let (first, second) = (logger("a"), logger("b"))
    var quiet = first
    quiet.logLevel = .error
    first.info("not yet")
    level.set(.debug)
    first.debug("first")
    second.debug("second")
    quiet.warning("never")
    level.set(.critical)
    first.error("no longer")
    #expect(lines.withLock { $0 } == ["first", "second"])
  }

  @Test func metadataOfTheCallWin() {
    let lines = Mutex<[String]>([])
    var handler = LineLogHandler(
      label: "x", format: { $0.textLine }, now: { [moment] in moment },
      sink: { line in lines.withLock { $0.append(line) } })
    handler.metadata = ["a": "1", "b": "1", "c": "1"]
    handler.metadataProvider = .init { ["b": "2", "c": "2"] }
    let logger = Logger(label: "x") { [handler] _ in handler }
    logger.notice("m", metadata: ["c": "3"])
    logger.debug("below the level")
    #expect(lines.withLock { $0 } == ["09:41:07.042Z notice   m  a=1 b=2 c=3\n"])
  }
}
