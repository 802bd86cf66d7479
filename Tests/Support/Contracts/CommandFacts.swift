import EventModel
import EventSourcing
import Testing

let commandFacts: [Fact] = [
  Fact("a command id that comes again brings what it appended, whatever number it asks for") {
    subject in
    let root = Root.sample(1)
    let first = Commit.sample(root, at: 0, pages: 2, commandID: "c")
    _ = try await subject.store.append(first)
    _ = try await subject.store.append(.sample(root, at: 2, commandID: "d"))
    let stored = RecordedCommit(position: Position(number: 1), commit: first)
    for number: SequenceNumber in [0, 2, 3] {
      let again = Commit.sample(root, at: number, commandID: "c")
      #expect(try await subject.store.append(again) == .alreadyHandled(stored))
    }
    #expect(try await subject.store.next(of: root) == 3)
    #expect(try await subject.store.wholeLog().count == 2)
  },

  Fact("of a command id that comes many times at once, one appends and all get it") {
    subject async throws in
    let store = subject.store
    let outcomes = try await withThrowingTaskGroup { group in
      for _ in 0..<32 {
        group.addTask { try await store.append(.sample(.sample(1), at: 0, commandID: "c")) }
      }
      return try await group.reduce(into: [AppendOutcome]()) { $0.append($1) }
    }
    let log = try await store.wholeLog()
    #expect(log.count == 1)
    #expect(outcomes.filter { $0 == .appended(Position(number: 1)) }.count == 1)
    #expect(outcomes.filter { $0 == .alreadyHandled(log[0]) }.count == 31)
  },

  Fact("a command id belongs to its aggregate alone") { subject async throws in
    for number in 1...3 {
      let commit = Commit.sample(.sample(number), at: 0, commandID: "c")
      let position = Position(number: UInt64(number))
      #expect(try await subject.store.append(commit) == .appended(position))
      #expect(
        try await subject.store.commit(of: .sample(number), commandID: "c")
          == RecordedCommit(position: position, commit: commit))
    }
    #expect(try await subject.store.commit(of: .sample(4), commandID: "c") == nil)
  },

  Fact("a command id that only looks the same is another command") { subject async throws in
    let root = Root.sample(1)
    var stored: [RecordedCommit] = []
    for (number, id) in lookalikes.enumerated() {
      let commit = Commit.sample(root, at: SequenceNumber(UInt32(number)), commandID: id.text)
      let position = Position(number: UInt64(number) + 1)
      #expect(try await subject.store.commit(of: root, commandID: id.text) == nil)
      #expect(try await subject.store.append(commit) == .appended(position))
      stored.append(RecordedCommit(position: position, commit: commit))
    }
    for (id, recorded) in zip(lookalikes, stored) {
      #expect(try await subject.store.commit(of: root, commandID: id.text) == recorded)
    }
    #expect(try await subject.store.wholeLog() == stored)
    let end = EndWithoutEvents.expired
    #expect(
      try await subject.store.bar(lookalikes[0].text, of: .sample(2), as: end) == .barred(end))
    let other = Commit.sample(.sample(2), at: 0, commandID: lookalikes[1].text)
    guard case .appended = try await subject.store.append(other) else {
      Issue.record("the other command is not barred")
      return
    }
  },

  Fact("commits without a command id are never taken for each other") { subject async throws in
    for number: SequenceNumber in [0, 1, 2] {
      let position = Position(number: UInt64(number.rawValue) + 1)
      #expect(
        try await subject.store.append(.sample(.sample(1), at: number)) == .appended(position))
    }
    #expect(try await subject.store.commit(of: .sample(1), commandID: "") == nil)
  },

  Fact("an empty command id is an id too, and differs from none") { subject async throws in
    let commit = Commit.sample(.sample(1), at: 0, commandID: "")
    _ = try await subject.store.append(commit)
    let stored = RecordedCommit(position: Position(number: 1), commit: commit)
    #expect(
      try await subject.store.append(.sample(.sample(1), at: 1, commandID: ""))
        == .alreadyHandled(stored))
  },

  Fact("a barred command id appends nothing, and its aggregate goes on without it") {
    subject async throws in
    let root = Root.sample(1)
    let end = EndWithoutEvents.nothingToDo
    #expect(try await subject.store.bar("c", of: root, as: end) == .barred(end))
    #expect(try await subject.store.bar("c", of: root, as: end) == .barred(end))
    #expect(try await subject.store.append(.sample(root, at: 0, commandID: "c")) == .barred(end))
    let other = Commit.sample(root, at: 0, commandID: "d")
    guard case .appended(let position) = try await subject.store.append(other) else {
      Issue.record("another command's id is its own")
      return
    }
    for number: SequenceNumber in [0, 1, 7] {
      let late = Commit.sample(root, at: number, commandID: "c")
      #expect(try await subject.store.append(late) == .barred(end))
    }
    #expect(try await subject.store.commit(of: root, commandID: "c") == nil)
    let stored = RecordedCommit(position: position, commit: other)
    #expect(
      try await subject.store.conclusion(of: root, commandID: "d") == .appended(stored))
    #expect(try await subject.store.next(of: root) == 1)
    #expect(try await subject.store.lastCommit(ofPartition: position.partition) == position)
    let elsewhere = try await subject.store.append(.sample(.sample(2), at: 0, commandID: "c"))
    guard case .appended = elsewhere else {
      Issue.record("it is barred in its aggregate alone")
      return
    }
    #expect(try await subject.store.wholeLog().map(\.commit.commandID) == ["d", "c"])
    #expect(try await subject.store.roots(after: nil, limit: 9) == [root, .sample(2)])
  },

  Fact("a bar keeps how the command ended, and the first end stays") { subject async throws in
    for (number, end) in EndWithoutEvents.samples.enumerated() {
      let root = Root.sample(number)
      #expect(try await subject.store.conclusion(of: root, commandID: "c") == nil)
      #expect(try await subject.store.bar("c", of: root, as: end) == .barred(end))
      for later in EndWithoutEvents.samples {
        #expect(try await subject.store.bar("c", of: root, as: later) == .barred(end))
      }
      #expect(try await subject.store.conclusion(of: root, commandID: "c") == .barred(end))
      #expect(try await subject.store.conclusion(of: root, commandID: "d") == nil)
      #expect(
        try await subject.store.append(.sample(root, at: 0, commandID: "c")) == .barred(end))
    }
  },

  Fact("a command that has appended is not barred") { subject async throws in
    let commit = Commit.sample(.sample(1), at: 0, commandID: "c")
    _ = try await subject.store.append(commit)
    let stored = RecordedCommit(position: Position(number: 1), commit: commit)
    #expect(
      try await subject.store.bar("c", of: .sample(1), as: .expired) == .appended(stored))
    #expect(
      try await subject.store.conclusion(of: .sample(1), commandID: "c") == .appended(stored))
    #expect(
      try await subject.store.append(.sample(.sample(1), at: 1, commandID: "c"))
        == .alreadyHandled(stored))
  },

  Fact("of appends and bars of one command at once, one wins") { subject async throws in
    let store = subject.store
    for number in 1...20 {
      let root = Root.sample(number)
      let ends = try await withThrowingTaskGroup { group in
        for index in 0..<8 {
          group.addTask { () async throws -> EndWithoutEvents? in
            if index % 2 == 0 {
              let end = EndWithoutEvents.refused(ErrorStatus(.aborted, "\(index)"))
              return try await store.bar("c", of: root, as: end).end
            }
            return try await store.append(.sample(root, at: 0, commandID: "c")).end
          }
        }
        return try await group.reduce(into: [EndWithoutEvents?]()) { $0.append($1) }
      }
      let kept = try #require(try await store.conclusion(of: root, commandID: "c")).end
      #expect(ends.allSatisfy { $0 == kept })
    }
  },
]

extension EndWithoutEvents {
  /// One of each kind, and a refusal of many words.
  static let samples: [EndWithoutEvents] = [
    .nothingToDo, .refused(ErrorStatus(.failedPrecondition, "")), .expired,
    .refused(
      ErrorStatus(.unauthenticated, "nön ✓\n'\u{0}'", trailers: Bytes(0...255))),
  ]
}

extension CommandConclusion {
  fileprivate var end: EndWithoutEvents? { if case .barred(let end) = self { end } else { nil } }
}

extension AppendOutcome {
  fileprivate var end: EndWithoutEvents? { if case .barred(let end) = self { end } else { nil } }
}
