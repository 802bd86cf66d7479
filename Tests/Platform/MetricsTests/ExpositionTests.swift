import Metrics
import Testing

@Suite struct ExpositionTests {
  private func text(
    _ kind: Exposition.Kind = .gauge, help: String = "Help.",
    _ body: (inout MetricFamily) -> Void
  ) -> String {
    var exposition = Exposition()
    exposition.family("a_name", kind, help, body)
    return exposition.text
  }

  @Test func familyHasHelpTypeAndSamples() {
    let text = text(.counter) {
      $0.add(1)
      $0.add(.max, ["x": "1", "y": "2"])
      $0.add(seconds: 1.5, ["x": "2"])
      $0.add(seconds: 12, ["x": "3"])
    }
    #expect(
      text == """
        # HELP a_name Help.
        # TYPE a_name counter
        a_name 1
        a_name{x="1",y="2"} 18446744073709551615
        a_name{x="2"} 1.5
        a_name{x="3"} 12

        """)
  }

  @Test func familyWithoutSamplesIsLeftOut() {
    #expect(text { _ in }.isEmpty)
  }

  @Test func labelsAreEscaped() {
    let text = text { $0.add(0, ["x": "a\"b\\c\nd\r\u{0}é{},="]) }
    #expect(text.hasSuffix("\na_name{x=\"a\\\"b\\\\c\\nd\r\u{0}é{},=\"} 0\n"))
  }

  /// A carriage return and a line feed are one character to Swift.
  @Test func lineFeedBehindACarriageReturnIsEscaped() {
    let text = text { $0.add(0, ["x": "\r\n"]) }
    #expect(text.hasSuffix("{x=\"\r\\n\"} 0\n"))
  }

  @Test func helpIsEscaped() {
    #expect(text(help: "a \"b\"\\\n") { $0.add(0) }.hasPrefix("# HELP a_name a \"b\"\\\\\\n\n"))
  }

  @Test func histogramHasBucketsSumAndCount() throws {
    let histogram = LatencyHistogram()
    histogram.record(.milliseconds(1500))
    histogram.record(.seconds(1000))
    let recorded = histogram.reading
    let reading = try #require(recorded)
    let lines = text(.histogram) { $0.add(reading, ["x": "1"]) }.split(separator: "\n").dropFirst(2)
    #expect(lines.count == LatencyHistogram.bounds.count + 3)
    #expect(lines.contains("a_name_bucket{x=\"1\",le=\"1e-05\"} 0"))
    #expect(lines.contains("a_name_bucket{x=\"1\",le=\"1\"} 0"))
    #expect(lines.contains("a_name_bucket{x=\"1\",le=\"2\"} 1"))
    #expect(
      lines.suffix(3) == [
        "a_name_bucket{x=\"1\",le=\"+Inf\"} 2", "a_name_sum{x=\"1\"} 1001.5",
        "a_name_count{x=\"1\"} 2",
      ])
  }

  @Test func histogramWithoutLabelsHasOnlyItsBounds() throws {
    let histogram = LatencyHistogram()
    histogram.record(.zero)
    let recorded = histogram.reading
    let reading = try #require(recorded)
    let text = text(.histogram) { $0.add(reading) }
    #expect(text.contains("\na_name_bucket{le=\"0\"} 1\n"))
    #expect(text.hasSuffix("\na_name_sum 0\na_name_count 1\n"))
  }
}
