import EventModel
import EventSourcing
import Glibc
import KafkaChannel
import RabbitMQChannel
import Wire

/// Publishes commits to a broker, with confirms, through the relay and by the broker's client
/// library alone: `channel-bench amqp://HOST|kafka://HOST COUNT`.
@main
struct ChannelBench {
  static let window = 4096

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let count = Int(arguments[2]) else {
      print("usage: channel-bench amqp://HOST|kafka://HOST COUNT")
      exit(64)
    }
    let broker = arguments[1]
    let commits = (1...count).map { RecordedCommit.sample($0) }
    let message = EventMessage(commits[0], cloudEvents: "cloudEvents_")
    let bodyAlone = SampleMessage(body: message.body, headers: [])
    let whole = SampleMessage(
      body: message.body,
      headers: message.headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) })
    // What is measured ends with the last checkpoint, which pauses before it would put off.
    var settings = RelaySettings()
    settings.checkpointInterval = .milliseconds(1)
    print("                            commits/s   CPU µs")
    for round in 1...3 {
      let topic = "channel-bench-\(getpid())-\(round)"
      let raw = try publisher(to: broker)
      for (kind, sample) in [(", bodies alone", bodyAlone), ("", whole)] {
        try raw.prepare("\(topic)\(kind.isEmpty ? "" : "-bodies")")
        let bare = Stopwatch()
        try raw.publish(commits.count, sample, window: window)
        bare.report(raw.name + kind, count: count)
        try raw.finish()
      }

      try raw.prepare("\(topic)-relay")
      let channel = try channel(to: broker, "\(topic)-relay")
      let log = FixedLog(commits)
      let relayed = Stopwatch()
      let relay = Relay(to: channel, store: log, owner: "bench", settings: settings)
      let running = Task { await relay.run() }
      await log.waitForCheckpoint(UInt64(count))
      relayed.report("relay", count: count)
      running.cancel()
      await running.value
      await channel.close()
      try raw.finish()
    }
  }

  static func publisher(to broker: String) throws -> any RawPublisher {
    if broker.hasPrefix("kafka://") {
      return RawKafka(servers: String(broker.dropFirst("kafka://".count)))
    }
    return try RawRabbitMQ(broker, key: "bench.0")
  }

  static func channel(to broker: String, _ topic: String) throws -> any MessageChannel {
    if broker.hasPrefix("kafka://") {
      return try KafkaChannel(KafkaAddress("\(broker)?topic=\(topic)")) { print($0) }
    }
    return try RabbitMQChannel(RabbitMQAddress("\(broker)?exchange=\(topic)"))
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
