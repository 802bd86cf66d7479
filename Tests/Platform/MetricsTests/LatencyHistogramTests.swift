import Metrics
import Testing

@Suite(.timeLimit(.minutes(5))) struct LatencyHistogramTests {
  @Test func nothingRecordedIsNoReading() {
    let histogram = LatencyHistogram()
    let reading = histogram.reading
    #expect(reading == nil)
  }

  @Test func bucketsCountWhatIsBelowThemToo() throws {
    let histogram = LatencyHistogram()
    for duration in [Duration.microseconds(10), .milliseconds(2), .milliseconds(2), .seconds(101)] {
      histogram.record(duration)
    }
    let recorded = histogram.reading
    let reading = try #require(recorded)
    let counts = Dictionary(uniqueKeysWithValues: zip(reading.bounds, reading.counts))
    #expect(counts[0] == 0)
    #expect(counts[0.00001] == 1)
    #expect(counts[0.001] == 1)
    #expect(counts[0.002] == 3)
    #expect(counts[100] == 3)
    #expect(reading.total == 4)
    #expect(abs(reading.sum - 101.00401) < 1e-9)
  }

  @Test func boundBelongsToItsBucketAndWhatIsAboveToTheNext() throws {
    for (index, bound) in LatencyHistogram.bounds.enumerated() {
      let histogram = LatencyHistogram()
      let nanoseconds = Int64((bound * 1e9).rounded())
      histogram.record(.nanoseconds(nanoseconds))
      histogram.record(.nanoseconds(nanoseconds + 1))
      let recorded = histogram.reading
      let reading = try #require(recorded)
      #expect(reading.counts[index] == 1)
      #expect((reading.counts + [reading.total])[index + 1] == 2)
    }
  }

  @Test(arguments: [Duration.seconds(-1), .nanoseconds(-1), .zero])
  func timeThatRanBackwardsIsNone(_ duration: Duration) {
    let histogram = LatencyHistogram()
    histogram.record(duration)
    let reading = histogram.reading
    #expect(reading?.counts.first == 1)
    #expect(reading?.sum == 0)
  }

  @Test func longestDurationIsTaken() {
    let histogram = LatencyHistogram()
    histogram.record(Duration(secondsComponent: .max, attosecondsComponent: 0))
    let reading = histogram.reading
    #expect(reading?.total == 1)
    #expect(reading?.counts.last == 0)
  }

  @Test func threadsRecordAtOnce() async {
    let shared = Shared()
    await withDiscardingTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<1000 { shared.histogram.record(.milliseconds(1)) }
        }
      }
    }
    let reading = shared.histogram.reading
    #expect(reading?.total == 8000)
    #expect(reading?.sum == 8)
  }

  private final class Shared: Sendable {
    let histogram = LatencyHistogram()
  }
}
