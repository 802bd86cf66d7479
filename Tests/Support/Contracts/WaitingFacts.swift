import EventModel
import EventSourcing
import Testing

let waitingFacts: [Fact] = [
  Fact("whoever waits for the log comes back when there is something") { subject async throws in
    let store = subject.store
    let reader = Task {
      while try await store.log(after: Position(number: 1), limit: ReadLimit()).isEmpty {
        await store.waitForLog(after: Position(number: 1))
      }
    }
    _ = try await store.append(.sample(.sample(1), at: 0))
    _ = try await store.append(.sample(.sample(1), at: 1))
    try await reader.value
  },

  Fact("whoever waits for what is there does not wait") { subject async throws in
    _ = try await subject.store.append(.sample(.sample(1), at: 0))
    await subject.store.waitForLog(after: Position(number: 0))
    _ = try await subject.store.save(.sample("s", .sample(1), next: 1), after: 0)
    await subject.store.waitForChanges(of: "s", after: 0)
  },

  Fact("many wait at once, and all come back") { subject async throws in
    let store = subject.store
    let readers = (0..<20).map { _ in
      Task {
        while try await store.head(ofPartition: 0).number == 0 {
          await store.waitForLog(after: Position(number: 0))
        }
      }
    }
    _ = try await store.append(.sample(.sample(1), at: 0))
    for reader in readers { try await reader.value }
  },

  Fact("a task that waits comes back when it is cancelled, before or meanwhile") {
    subject async throws in
    let store = subject.store
    let waiting = [
      Task { await store.waitForLog(after: Position(number: 99)) },
      Task { await store.waitForChanges(of: "s", after: 99) },
    ]
    await Task.yield()
    for task in waiting { task.cancel() }
    for task in waiting { await task.value }
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      await store.waitForLog(after: Position(number: 99))
      await store.waitForChanges(of: "s", after: 99)
    }
    await cancelled.value
  },

  Fact("whoever waits for changes comes back for those of its own subscription") {
    subject async throws in
    let store = subject.store
    let reader = Task {
      var changes: [ConsumerRecord] = []
      while changes.isEmpty {
        await store.waitForChanges(of: "mine", after: 0)
        changes = try await store.changes(of: "mine", after: 0, limit: ReadLimit(count: 10))
      }
      return changes
    }
    _ = try await store.save(.sample("another", .sample(1), next: 1), after: 0)
    _ = try await store.save(.sample("mine", .sample(2), next: 1), after: 0)
    #expect(try await reader.value.map(\.root) == [.sample(2)])
  },
]
