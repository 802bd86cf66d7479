import EventModel
import EventSourcing
import Testing

let appendFacts: [Fact] = [
  Fact("a commit comes back with everything that was in it") { subject async throws in
    var commit = Commit.sample(
      .sample(1), at: 0, pages: 3, snapshot: Snapshot(sequence: 2, state: [9, 8, 7]),
      commandID: "command ✓")
    commit.origin = Origin(correlation: "request 1", annotations: [146, 1, 2, 0, 255])
    #expect(try await subject.store.append(commit) == .appended(Position(number: 1)))
    let recorded = RecordedCommit(position: Position(number: 1), commit: commit)
    #expect(try await subject.store.wholeLog() == [recorded])
    #expect(
      try await subject.store.commits(of: .sample(1), from: 0, limit: ReadLimit()) == [recorded])
    #expect(try await subject.store.commit(of: .sample(1), commandID: "command ✓") == recorded)
  },

  Fact("what is left empty comes back empty") { subject async throws in
    var commit = Commit.sample(.sample(1), at: 0)
    commit.snapshot = Snapshot(sequence: 0, state: [])
    commit.createdAt = Timestamp(seconds: -62_135_596_800)
    _ = try await subject.store.append(commit)
    #expect(try await subject.store.wholeLog().map(\.commit) == [commit])
  },

  Fact("an aggregate without events is told from one with event 0") { subject async throws in
    #expect(try await subject.store.next(of: .sample(1)) == 0)
    let nothing = Aggregate(cover: Cover(domain: Subject.domain, root: .sample(1)))
    #expect(try await subject.store.load(.sample(1)) == nothing)
    _ = try await subject.store.append(.sample(.sample(1), at: 0))
    #expect(try await subject.store.next(of: .sample(1)) == 1)
    #expect(try await subject.store.append(.sample(.sample(1), at: 0)) == .conflict(next: 1))
  },

  Fact("a conflict reports the head: number taken, beyond the head, or inside a commit") {
    subject in
    let root = Root.sample(1)
    _ = try await subject.store.append(.sample(root, at: 0, pages: 4))
    for wrong: SequenceNumber in [0, 1, 3, 5, 1000] {
      #expect(try await subject.store.append(.sample(root, at: wrong)) == .conflict(next: 4))
    }
    #expect(try await subject.store.append(.sample(.sample(2), at: 1)) == .conflict(next: 0))
  },

  Fact("a conflict leaves nothing behind: no page, snapshot, command id or position") {
    subject async throws in
    let root = Root.sample(1)
    _ = try await subject.store.append(.sample(root, at: 0, pages: 2))
    let before = try await subject.store.load(root)
    let refused = Commit.sample(
      root, at: 1, pages: 3, snapshot: Snapshot(sequence: 3, state: [1]), commandID: "c")
    #expect(try await subject.store.append(refused) == .conflict(next: 2))
    #expect(try await subject.store.load(root) == before)
    #expect(try await subject.store.commit(of: root, commandID: "c") == nil)
    let accepted = Commit.sample(root, at: 2, commandID: "c")
    #expect(try await subject.store.append(accepted) == .appended(Position(number: 2)))
  },

  Fact("roots that share all bytes but one do not meet") { subject async throws in
    var roots: [Root] = [.sample(0)]
    for index in 0..<Root.byteCount {
      var bytes = Root.sample(0).bytes
      bytes[index] ^= 1
      roots += [Root(bytes)].compactMap(\.self)
    }
    for (index, root) in roots.enumerated() {
      _ = try await subject.store.append(.sample(root, at: 0, pages: index + 1))
    }
    for (index, root) in roots.enumerated() {
      #expect(try await subject.store.load(root).pages == .sample(from: 0, count: index + 1))
    }
    #expect(roots.count == 17)
  },

  Fact("of many that append the same number at once, one succeeds") { subject async throws in
    let store = subject.store
    let outcomes = try await withThrowingTaskGroup { group in
      for _ in 0..<32 {
        group.addTask { try await store.append(.sample(.sample(1), at: 0, pages: 2)) }
      }
      return try await group.reduce(into: [AppendOutcome]()) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 == .appended(Position(number: 1)) }.count == 1)
    #expect(outcomes.filter { $0 == .conflict(next: 2) }.count == 31)
  },

  Fact("64 at once, on shared roots and on their own: all are in the log, once, in order") {
    subject in
    let store = subject.store
    let acknowledged = try await withThrowingTaskGroup { group in
      for appender in 0..<64 {
        group.addTask {
          var done: [RecordedCommit] = []
          for turn in 0..<6 {
            let root = Root.sample(turn % 2 == 0 ? appender % 8 : 100 + appender)
            done.append(try await store.appendAnywhere(root, pages: 1 + turn % 3))
          }
          return done
        }
      }
      return try await group.reduce(into: [RecordedCommit]()) { $0 += $1 }
    }
    let log = try await store.wholeLog(ReadLimit(count: 50))
    #expect(log == acknowledged.sorted { $0.position.number < $1.position.number })
    #expect(log.map(\.position.number) == Array(1...UInt64(64 * 6)))
    var next: [Root: SequenceNumber] = [:]
    for commit in log.map(\.commit) {
      #expect(commit.pages.first == next[commit.cover.root, default: 0])
      next[commit.cover.root] = commit.pages.next
    }
  },
]
