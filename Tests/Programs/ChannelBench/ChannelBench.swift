import EventModel
import EventSourcing
import Glibc
import RabbitMQChannel

/// Publishes commits to RabbitMQ, persistent and with confirms, through the relay and by
/// librabbitmq alone: `channel-bench amqp://HOST COUNT`.
@main
struct ChannelBench {
  static let window = 4096

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let count = Int(arguments[2]) else {
      print("usage: channel-bench amqp://HOST COUNT")
      exit(64)
    }
    let exchange = "channel-bench-\(getpid())"
    let uri = "\(arguments[1])?exchange=\(exchange)"
    let raw = try RawRabbitMQ(arguments[1], exchange: exchange)
    let commits = (1...count).map { RecordedCommit.sample($0) }
    print("                            commits/s   CPU µs")
    for _ in 1...3 {
      try raw.makeQueue(key: "bench.0")
      let bare = Stopwatch()
      try raw.publish(commits.count, bytes: 230, window: window, key: "bench.0")
      bare.report("librabbitmq", count: count)
      try raw.deleteQueue()

      try raw.makeQueue(key: "bench.0")
      let channel = try RabbitMQChannel(RabbitMQAddress(uri))
      let log = FixedLog(commits)
      let relayed = Stopwatch()
      let relay = Relay(to: channel, store: log, owner: "bench")
      let running = Task { await relay.run() }
      await log.waitForCheckpoint(UInt64(count))
      relayed.report("relay", count: count)
      running.cancel()
      await running.value
      await channel.close()
      try raw.deleteQueue()
    }
    try raw.deleteExchange()
  }
}

/// Time and CPU since it was made.
struct Stopwatch {
  private let start = ContinuousClock.now
  private let cpu = Self.cpuSeconds()

  func report(_ name: String, count: Int) {
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let cpu = (Self.cpuSeconds() - cpu) / Double(count) * 1e6
    let hundredths = Int((cpu * 100).rounded())
    let columns = ["\(Int(Double(count) / seconds))", "\(Double(hundredths) / 100)"]
    let widths = [37 - name.utf8.count, 9]
    print(
      name
        + zip(columns, widths).map { column, width in
          String(repeating: " ", count: max(1, width - column.utf8.count)) + column
        }.joined())
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
