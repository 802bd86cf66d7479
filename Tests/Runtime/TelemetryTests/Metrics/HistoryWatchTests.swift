import EventModel
import EventSourcing
import Logging
import Metrics
import Synchronization
import Testing

@testable import Telemetry

@Suite struct HistoryWatchTests {
  private static func cover(_ number: UInt8) -> Cover {
    Cover(domain: "bank", root: Root([UInt8](repeating: number, count: 16))!)
  }

  @Test func eachAggregateIsLoggedOnceInAWhileAndEveryCommandCounted() {
    let lines = Mutex<[String]>([])
    let now = Mutex(ContinuousClock.now)
    let handler = LineLogHandler(
      label: "x", format: { $0.textLine }, now: { Timestamp(seconds: 0) },
      sink: { line in lines.withLock { $0.append(line) } })
    let metrics = HistoryMetrics()
    let watch = HistoryWatch(
      logger: Logger(label: "x") { _ in handler }, metrics: metrics,
      clock: { now.withLock { $0 } })
    func note(_ number: UInt8) {
      watch.note(.longHistory(Self.cover(number), eventCount: 7, byteCount: 2_000_000))
    }

    for _ in 0..<3 { note(1) }
    note(2)
    #expect(lines.withLock { $0.count } == 2)
    #expect(lines.withLock { $0[0].contains("events=7") && $0[0].contains("bytes=2000000") })
    now.withLock { $0 += HistoryWatch.interval }
    note(1)
    #expect(lines.withLock { $0.count } == 3)

    var exposition = Exposition()
    metrics.write(to: &exposition)
    #expect(exposition.text.contains("outrider_long_histories_total{domain=\"bank\"} 5"))
  }

  @Test func theLongestAreRememberedUntilTheyAreShortOrForgotten() {
    let now = Mutex(ContinuousClock.now)
    let watch = HistoryWatch(
      logger: Logger(label: "x") { _ in SwiftLogNoOpLogHandler() }, metrics: nil,
      clock: { now.withLock { $0 } })
    for (number, bytes) in [(UInt8(1), 10), (2, 30), (3, 20)] {
      watch.note(.longHistory(Self.cover(number), eventCount: 7, byteCount: bytes))
    }
    #expect(watch.longest(2).map(\.bytes) == [30, 20])
    #expect(watch.longest(2).map(\.cover) == [Self.cover(2), Self.cover(3)])
    watch.note(.appended(snapshotOf: nil))
    watch.note(.appended(snapshotOf: Self.cover(2)))
    #expect(watch.longest(3).map(\.bytes) == [20, 10])
    now.withLock { $0 += HistoryWatch.interval }
    #expect(watch.longest(3).isEmpty)
  }

  @Test func domainsAreBounded() {
    let metrics = HistoryMetrics()
    for number in 0..<HistoryMetrics.domainsMax + 50 { metrics.count(in: "d\(number)") }
    var exposition = Exposition()
    metrics.write(to: &exposition)
    #expect(exposition.text.contains("{domain=\"other\"} 50"))
  }
}
