import EventModel
import EventSourcing

/// Working off an agenda of entries that are due, which ask for nothing.
struct WorkingOff {
  private let entries = 20_000

  func measure(_ storage: any Storage) async throws {
    let store = try await storage.domain("bench")
    let now = Timestamp(seconds: 1_700_000_000)
    try await store.enter(
      (0..<entries).map { _ in
        var random = SystemRandomNumberGenerator()
        let key = AgendaKey(root: .random(using: &random), sequence: .first)
        return AgendaEntry(agenda: "bench", key: key, due: now)
      })
    let runner = AgendaRunner(of: "bench", in: store) { _ in .done }
    let stopwatch = Stopwatch()
    try await withThrowingTaskGroup { group in
      group.addTask { try await runner.run() }
      while try await !store.entries(of: "bench", dueBy: nil, limit: 1).isEmpty {
        try await Task.sleep(for: .milliseconds(20))
      }
      group.cancelAll()
    }
    let (rate, cpu) = stopwatch.read(count: entries)
    print("working off an agenda: \(Int(rate)) entries/s, \(text(cpu)) µs of CPU each")
  }
}
