import EventModel
import EventSourcing
import Glibc
import SQLiteStorage

/// Measures the SQLite adapter, and beside it SQLite alone doing the same groups of rows.
///
///     store-bench DIRECTORY [SECONDS]
///
/// The directory decides which disk is measured; what is written there is removed.
@main
struct StoreBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let seconds = Double(arguments.count > 2 ? arguments[2] : "3") else {
      print("usage: store-bench DIRECTORY [SECONDS]")
      exit(64)
    }
    let directory = "\(arguments[1])/store-bench-\(getpid())"
    print("100-byte payloads, each to a new random root\n")
    print("                    in flight  appends/s  CPU µs  p50 ms  p99 ms  max ms")
    for inFlight in [1, 32, 256] {
      try await Appending(inFlight: inFlight, for: .seconds(seconds)).measure(in: directory)
      try RawSQLite(rowsInGroup: inFlight, for: .seconds(seconds)).measure(in: directory)
    }
    print()
    try await Reading().measure(in: directory)
  }
}

/// Callers of `append`, each with one commit under way at any time.
struct Appending {
  let inFlight: Int
  let duration: Duration

  init(inFlight: Int, for duration: Duration) {
    self.inFlight = inFlight
    self.duration = duration
  }

  func measure(in directory: String) async throws {
    let storage = try SQLiteStorage(directory: directory)
    let store = try await storage.domain("bench")
    let stopwatch = Stopwatch()
    let end = ContinuousClock.now + duration
    let latencies = try await withThrowingTaskGroup { group in
      for _ in 0..<inFlight {
        group.addTask {
          var latencies: [Duration] = []
          while ContinuousClock.now < end {
            let start = ContinuousClock.now
            _ = try await store.append(.sample())
            latencies.append(.now - start)
          }
          return latencies
        }
      }
      return try await group.reduce(into: [Duration]()) { $0 += $1 }
    }
    stopwatch.report("Outrider", inFlight, count: latencies.count, latencies)
    await storage.close()
    remove(directory)
  }
}

/// Reading a log of small commits from its start to its end.
struct Reading {
  private let events = 200_000

  func measure(in directory: String) async throws {
    let storage = try SQLiteStorage(directory: directory)
    let store = try await storage.domain("bench")
    try await withThrowingTaskGroup { group in
      for _ in 0..<256 {
        group.addTask { for _ in 0..<events / 256 { _ = try await store.append(.sample()) } }
      }
      try await group.waitForAll()
    }
    let stopwatch = Stopwatch()
    var last = Position(number: 0)
    while let next = try await store.log(after: last, limit: ReadLimit()).last?.position {
      last = next
    }
    let (rate, cpu) = stopwatch.read(count: Int(last.number))
    print("reading the log: \(Int(rate)) events/s, \(text(cpu)) µs of CPU each")
    await storage.close()
    remove(directory)
  }
}
