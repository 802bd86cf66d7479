import EventModel
import EventSourcing
import Glibc
import MongoStorage
import SQLiteStorage

/// Measures a storage adapter, and beside it the library below alone, writing the same groups.
///
///     store-bench DIRECTORY [SECONDS]
///     store-bench mongodb://HOST [SECONDS]
///
/// The directory decides which disk is measured. What is written is removed.
@main
struct StoreBench {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 1, let seconds = Double(arguments.count > 2 ? arguments[2] : "3") else {
      print("usage: store-bench DIRECTORY|URI [SECONDS]")
      exit(64)
    }
    let place = arguments[1]
    let duration = Duration.seconds(seconds)
    print("100-byte payloads, each to a new random root\n")
    print("                    in flight  appends/s  CPU µs  p50 ms  p99 ms  max ms")
    if place.hasPrefix("mongodb") {
      try await measureMongoDB(place, duration)
    } else {
      try await measureSQLite("\(place)/store-bench-\(getpid())", duration)
    }
  }

  private static func measureSQLite(_ directory: String, _ duration: Duration) async throws {
    func measure(_ body: (any Storage) async throws -> Void) async throws {
      let storage = try SQLiteStorage(directory: directory)
      try await body(storage)
      await storage.close()
      remove(directory)
    }
    for inFlight in [1, 32, 256] {
      try await measure { try await Appending(inFlight, for: duration).measure($0) }
      try RawSQLite(rowsInGroup: inFlight, for: duration).measure(in: directory)
    }
    print()
    try await measure { try await Reading().measure($0) }
    try await measure { try await WorkingOff().measure($0) }
    try await measure { try await FollowingCauses().measure($0) }
  }

  private static func measureMongoDB(_ server: String, _ duration: Duration) async throws {
    let database = BenchDatabase(on: server)
    func measure(_ body: (any Storage) async throws -> Void) async throws {
      let storage = try MongoStorage(uri: database.uri)
      try await body(storage)
      await storage.close()
      database.drop()
    }
    for inFlight in [1, 32, 256] {
      try await measure { try await Appending(inFlight, for: duration).measure($0) }
      RawMongoDB(documentsInGroup: inFlight, for: duration).measure(in: database)
    }
    print()
    try await measure { try await Reading().measure($0) }
    try await measure { try await WorkingOff().measure($0) }
    try await measure { try await FollowingCauses().measure($0) }
    let other = try MongoStorage(uri: database.uri)
    try await measure { try await Delivering(count: 300).measure($0, readBy: $0, "itself") }
    try await measure {
      try await Delivering(count: 300).measure($0, readBy: other, "another process")
    }
    await other.close()
  }
}

/// Callers of `append`, each with one commit under way at any time.
struct Appending {
  let inFlight: Int
  let duration: Duration

  init(_ inFlight: Int, for duration: Duration) {
    self.inFlight = inFlight
    self.duration = duration
  }

  func measure(_ storage: any Storage) async throws {
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
  }
}

/// Reading a log of small commits from its start to its end.
struct Reading {
  private let events = 100_000

  func measure(_ storage: any Storage) async throws {
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
  }
}

/// From the call of `append` until a reader that waits has the commit, a few commits a second.
struct Delivering {
  let count: Int

  func measure(
    _ storage: any Storage, readBy other: any Storage, _ who: String
  ) async throws {
    let store = try await storage.domain("bench")
    let reader = try await other.domain("bench")
    async let arrivals = arrivals(at: reader)
    var starts: [CommitID: ContinuousClock.Instant] = [:]
    for number in 0..<count {
      let commit = Commit.sample()
      starts[commit.id] = .now
      _ = try await store.append(commit)
      try await Task.sleep(for: .milliseconds(1 + number % 17))
    }
    let latencies = try await arrivals.map { id, arrival in arrival - (starts[id] ?? arrival) }
    let sorted = latencies.sorted()
    let half = text(sorted[sorted.count / 2] / .milliseconds(1))
    let most = text(sorted[sorted.count * 99 / 100] / .milliseconds(1))
    print("append to delivery in \(who): p50 \(half) ms, p99 \(most) ms")
  }

  private func arrivals(
    at store: any DomainStore
  ) async throws -> [(CommitID, ContinuousClock.Instant)] {
    var arrivals: [(CommitID, ContinuousClock.Instant)] = []
    var last = Position(number: 0)
    while arrivals.count < count {
      let commits = try await store.log(after: last, limit: ReadLimit())
      if commits.isEmpty { await store.waitForLog(after: last) }
      arrivals += commits.map { ($0.commit.id, .now) }
      last = commits.last?.position ?? last
    }
    return arrivals
  }
}
