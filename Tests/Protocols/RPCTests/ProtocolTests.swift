import RPC
import Testing

/// The forms that gRPC has on the wire.
@Suite struct ProtocolTests {
  @Test(
    arguments: [
      ("1n", .nanoseconds(1)), ("99999999u", .microseconds(99_999_999)),
      ("250m", .milliseconds(250)),
      ("0S", .zero), ("2M", .seconds(120)), ("3H", .seconds(10_800)),
    ] as [(String, Duration)])
  func timeoutIsRead(_ text: String, _ duration: Duration) {
    #expect(Timeout.parse(Array(text.utf8)) == duration)
  }

  @Test(arguments: ["", "1", "n", "123456789n", "1x", "-1S", "1.5S", " 1S"])
  func malformedTimeoutIsRefused(_ text: String) {
    #expect(Timeout.parse(Array(text.utf8)) == nil)
  }

  @Test(
    arguments: [
      .nanoseconds(1), .milliseconds(99), .milliseconds(100), .seconds(1) + .nanoseconds(1),
      .seconds(99_999),
      .seconds(99_999_999), .seconds(1_000_000_000), .seconds(Int64.max / 2), .zero, .seconds(-5),
    ] as [Duration])
  func timeoutIsNeverWrittenShorterThanItIs(_ duration: Duration) throws {
    let text = Timeout.format(duration)
    let read = try #require(Timeout.parse(Array(text.utf8)))
    // Eight digits of hours are the longest that can be said.
    #expect(read >= min(duration, .seconds(99_999_999 * 3600)))
    #expect(
      read <= max(duration * 1.01 + .nanoseconds(1), .zero) || duration > .seconds(10_000_000))
  }

  @Test(arguments: ["", "plain", "100%", "\t\u{7f}line\nbreak", "grüße 🐎"])
  func statusMessageSurvivesTheWire(_ text: String) {
    let encoded = PercentEncoding.encode(text)
    #expect(encoded.allSatisfy { (0x20...0x7e).contains($0) })
    #expect(PercentEncoding.decode(encoded) == text)
  }

  @Test func brokenEscapesStayAsTheyAre() {
    #expect(PercentEncoding.decode(Array("50% off %zz %4".utf8)) == "50% off %zz %4")
  }

}
