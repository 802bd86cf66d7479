import EventModel
import EventSourcing
import Testing

let loadFacts: [Fact] = [
  Fact("an aggregate without a snapshot has all its pages") { subject async throws in
    let root = Root.sample(1)
    _ = try await subject.store.append(.sample(root, at: 0, pages: 2))
    _ = try await subject.store.append(.sample(.sample(2), at: 0, pages: 5))
    _ = try await subject.store.append(.sample(root, at: 2, pages: 3))
    let aggregate = try await subject.store.load(root)
    #expect(aggregate.snapshot == nil)
    #expect(aggregate.pages == .sample(from: 0, count: 5))
    #expect(aggregate.next == 5)
  },

  Fact("a snapshot of event 0 is a snapshot, and event 0 does not come again") {
    subject async throws in
    let root = Root.sample(1)
    let snapshot = Snapshot(sequence: 0, state: [1])
    _ = try await subject.store.append(.sample(root, at: 0, snapshot: snapshot))
    let aggregate = try await subject.store.load(root)
    #expect(aggregate.snapshot == snapshot)
    #expect(aggregate.pages == PageBlock(emptyAt: 1))
  },

  Fact("pages that the snapshot includes are not loaded") { subject async throws in
    let root = Root.sample(1)
    let snapshot = Snapshot(sequence: 3, state: [1])
    _ = try await subject.store.append(.sample(root, at: 0, pages: 2))
    _ = try await subject.store.append(.sample(root, at: 2, pages: 2, snapshot: snapshot))
    _ = try await subject.store.append(.sample(root, at: 4, pages: 2))
    let aggregate = try await subject.store.load(root)
    #expect(aggregate.snapshot == snapshot)
    #expect(aggregate.pages == .sample(from: 4, count: 2))
  },

  Fact("a snapshot of a part of its commit leaves the rest of it to be loaded") {
    subject async throws in
    let root = Root.sample(1)
    let snapshot = Snapshot(sequence: 2, state: [1])
    _ = try await subject.store.append(.sample(root, at: 0, pages: 2))
    _ = try await subject.store.append(.sample(root, at: 2, pages: 3, snapshot: snapshot))
    _ = try await subject.store.append(.sample(root, at: 5, pages: 1))
    let aggregate = try await subject.store.load(root)
    #expect(aggregate.snapshot == snapshot)
    #expect(aggregate.pages == .sample(from: 3, count: 3))
    #expect(aggregate.next == 6)
  },

  Fact("the latest snapshot counts, for each aggregate its own") { subject async throws in
    for number in 1...2 {
      for sequence: SequenceNumber in [0, 1, 2] {
        let state = [UInt8(number), UInt8(sequence.rawValue)]
        _ = try await subject.store.append(
          .sample(
            .sample(number), at: sequence, snapshot: Snapshot(sequence: sequence, state: state)))
      }
    }
    #expect(try await subject.store.load(.sample(1)).snapshot?.state == [1, 2])
    #expect(try await subject.store.load(.sample(2)).snapshot?.state == [2, 2])
  },

  Fact("the latest snapshot is read by itself") { subject async throws in
    let root = Root.sample(1)
    #expect(try await subject.store.snapshot(of: root) == nil)
    _ = try await subject.store.append(.sample(root, at: 0))
    #expect(try await subject.store.snapshot(of: root) == nil)
    for sequence: SequenceNumber in [1, 2] {
      _ = try await subject.store.append(
        .sample(
          root, at: sequence,
          snapshot: Snapshot(sequence: sequence, state: [UInt8(sequence.rawValue)])))
    }
    _ = try await subject.store.append(.sample(root, at: 3))
    _ = try await subject.store.append(
      .sample(.sample(2), at: 0, snapshot: Snapshot(sequence: 0, state: [9])))
    #expect(try await subject.store.snapshot(of: root) == Snapshot(sequence: 2, state: [2]))
  },

  Fact("what is loaded equals what was applied commit by commit") { subject async throws in
    let root = Root.sample(1)
    var expected = Aggregate(cover: Cover(domain: Subject.domain, root: root))
    for turn in 0..<12 {
      let first = expected.next
      let snapshot =
        turn % 5 == 4
        ? Snapshot(sequence: SequenceNumber(first.rawValue + 1), state: [UInt8(turn)]) : nil
      let commit = Commit.sample(root, at: first, pages: 2 + turn % 3, snapshot: snapshot)
      _ = try await subject.store.append(commit)
      expected.apply(commit)
      #expect(try await subject.store.load(root) == expected)
    }
  },

  Fact("commits are read from the one that holds the number") { subject async throws in
    let root = Root.sample(1)
    for first: SequenceNumber in [0, 3, 6] {
      _ = try await subject.store.append(.sample(root, at: first, pages: 3))
      _ = try await subject.store.append(.sample(.sample(2), at: first, pages: 3))
    }
    func firsts(from lower: SequenceNumber, _ limit: ReadLimit) async throws -> [SequenceNumber] {
      try await subject.store.commits(of: root, from: lower, limit: limit).map(\.commit.pages.first)
    }
    #expect(try await firsts(from: 0, ReadLimit()) == [0, 3, 6])
    #expect(try await firsts(from: 2, ReadLimit()) == [0, 3, 6])
    #expect(try await firsts(from: 3, ReadLimit()) == [3, 6])
    #expect(try await firsts(from: 4, ReadLimit(count: 1)) == [3])
    #expect(try await firsts(from: 5, ReadLimit(bytes: 0)) == [3])
    #expect(try await firsts(from: 8, ReadLimit()) == [6])
    #expect(try await firsts(from: 9, ReadLimit()) == [])
    #expect(try await subject.store.commits(of: .sample(3), from: 0, limit: ReadLimit()).isEmpty)
  },

  Fact("roots are listed in order, each once, whatever the size of a portion") {
    subject async throws in
    let numbers = [5, 900, 3, 70_000, 12, 4]
    for number in numbers {
      for sequence: SequenceNumber in [0, 1, 2] {
        _ = try await subject.store.append(.sample(.sample(number), at: sequence))
      }
    }
    let expected = numbers.sorted().map { Root.sample($0) }
    for limit in 1...7 {
      var found: [Root] = []
      while true {
        let portion = try await subject.store.roots(after: found.last, limit: limit)
        #expect(portion.count <= limit)
        if portion.isEmpty { break }
        found += portion
      }
      #expect(found == expected)
    }
    #expect(try await subject.store.roots(after: nil, limit: 0).isEmpty)
  },
]
