import JSON
import Testing

@Suite struct RFC3339Tests {
  @Test(arguments: [
    (0, 0, "1970-01-01T00:00:00Z"), (-1, 0, "1969-12-31T23:59:59Z"),
    (951_782_400, 500_000_000, "2000-02-29T00:00:00.500Z"),
    (4_107_542_400, 1000, "2100-03-01T00:00:00.000001Z"),
    (253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
    (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
  ])
  func momentIsWrittenAndRead(seconds: Int64, nanoseconds: Int32, text: String) throws {
    let moment = try #require(RFC3339(seconds: seconds, nanoseconds: nanoseconds))
    #expect(moment.description == text)
    #expect(RFC3339(text) == moment)
  }

  @Test func everyDayOfManyYearsComesBack() throws {
    for day in stride(from: -700_000, through: 2_900_000, by: 97) {
      let moment = try #require(RFC3339(seconds: Int64(day) * 86_400, nanoseconds: 0))
      #expect(RFC3339(moment.description) == moment)
    }
  }

  @Test func offsetIsTakenIntoAccount() {
    #expect(RFC3339("1970-01-01T01:30:00+01:30") == RFC3339(seconds: 0, nanoseconds: 0))
    #expect(RFC3339("1969-12-31t22:00:00-02:00") == RFC3339(seconds: 0, nanoseconds: 0))
  }

  @Test(arguments: [
    "", "2026-03-01", "2026-03-01T09:41:07", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-03-01T24:00:00Z", "2026-03-01T00:60:00Z", "2026-03-01T00:00:00.Z", "0000-01-01T00:00:00Z",
    "2026-03-01T00:00:00.1234567890Z", "2026-03-01T00:00:00Zx", "2026-03-01 00:00:00Z",
    "9999-12-31T23:59:59-00:01", "+026-03-01T00:00:00Z",
  ])
  func whatIsNoMomentIsRefused(text: String) {
    #expect(RFC3339(text) == nil)
  }

  @Test func digitsCanBeChosen() {
    let moment = RFC3339(seconds: 34_867, nanoseconds: 42_999_999)
    #expect(moment?.timeOfDay(fractionDigits: 3) == "09:41:07.042Z")
    #expect(moment?.text(fractionDigits: 0) == "1970-01-01T09:41:07Z")
    #expect(RFC3339(seconds: 253_402_300_800, nanoseconds: 0) == nil)
  }
}
