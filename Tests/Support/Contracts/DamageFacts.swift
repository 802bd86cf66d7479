import EventModel
import EventSourcing
import Testing

/// The one that is damaged, and one that stands for all others.
private let damaged = Root.sample(1)
private let sound = Root.sample(2)

extension Subject {
  /// Three commits of two events of each aggregate, by turns.
  fileprivate func appendBoth() async throws {
    for first: SequenceNumber in [0, 2, 4] {
      for root in [damaged, sound] {
        let snapshot = first == 2 ? Snapshot(sequence: 2, state: [1]) : nil
        _ = try await store.append(.sample(root, at: first, pages: 2, snapshot: snapshot))
      }
    }
  }

  /// The commits of the log that can be read, going on behind each that cannot.
  fileprivate func readableLog() async throws -> [RecordedCommit] {
    var log: [RecordedCommit] = []
    var last = Position(number: 0)
    while true {
      do throws(StorageError) {
        let portion = try await store.log(after: last, limit: ReadLimit())
        guard let end = portion.last?.position else { return log }
        log += portion
        last = end
      } catch {
        #expect(error.code == .corrupt)
        last = try #require(error.damage?.position)
      }
    }
  }

  /// Expects `.corrupt` with the aggregate's name and that event.
  fileprivate func expectDamage(
    at sequence: SequenceNumber?, _ read: () async throws(StorageError) -> Void
  ) async {
    do throws(StorageError) {
      try await read()
      Issue.record("damage was read over")
    } catch {
      #expect(error.code == .corrupt)
      #expect(error.damage?.root == damaged)
      #expect(error.message.contains("\(Cover(domain: Self.domain, root: damaged))"))
      if let sequence {
        #expect(error.damage?.sequence == sequence)
        #expect(error.message.contains("event \(sequence) "))
      }
    }
  }
}

extension Contracts {
  static let factsOfDamage: [Fact] = faultFacts + lossFacts

  private static let faultFacts: [Fact] =
    Tampering.Fault.allCases.map { fault in
      Fact("a commit that is \(fault) is data loss with its place, and others are as before") {
        subject async throws in
        try await subject.appendBoth()
        let store = subject.store
        let before = try await store.wholeLog()
        let intact = try await store.load(sound)
        try await subject.tampering.damage(store, fault, damaged, 2)

        // Of those that say where they start otherwise, the place is the one they claim.
        let place: SequenceNumber? = [.overlapping, .ahead].contains(fault) ? nil : 2
        await subject.expectDamage(at: place) { () async throws(StorageError) in
          _ = try await store.load(damaged)
        }
        let start = try await store.commits(of: damaged, from: 0, limit: ReadLimit())
        #expect(start == [before[0]])
        await subject.expectDamage(at: place) { () async throws(StorageError) in
          _ = try await store.commits(of: damaged, from: 2, limit: ReadLimit())
        }
        #expect(try await subject.readableLog() == before.filter { $0 != before[2] })

        #expect(try await store.load(sound) == intact)
        #expect(
          try await store.append(.sample(sound, at: 6)) == .appended(Position(number: 7)))
        #expect(try await store.roots(after: nil, limit: 10) == [damaged, sound])
      }
    }

  private static let lossFacts: [Fact] = [
    Fact("an aggregate whose first or middle commit is gone is not loaded without it") {
      subject async throws in
      let store = subject.store
      for (index, lost): (Int, SequenceNumber) in [(0, 0), (1, 1)] {
        for first: SequenceNumber in [0, 1, 2] {
          _ = try await store.append(.sample(.sample(index), at: first))
        }
        try await subject.tampering.damage(store, .missing, .sample(index), lost)
        await #expect {
          _ = try await store.load(.sample(index))
        } throws: { error in
          let error = error as? StorageError
          return error?.code == .corrupt && error?.damage?.sequence == lost
            && error?.damage?.root == .sample(index)
        }
      }
    },

    Fact("whatever bit of its pages is flipped, a commit is read or refused") {
      subject async throws in
      let store = subject.store
      let commit = Commit.sample(damaged, at: 0, pages: 2)
      _ = try await store.append(commit)
      _ = try await store.append(.sample(sound, at: 0))
      for index in commit.pages.bytes.indices {
        var bytes = commit.pages.bytes
        bytes[index] ^= 1 << (index % 8)
        try await subject.tampering.setPages(store, damaged, 0, bytes)
        do throws(StorageError) {
          let pages = try await store.load(damaged).pages
          #expect(pages.pages.map(\.sequence) == [0, 1])
          #expect(pages.split(bySize: 1).map(\.count) == [1, 1])
          _ = pages.eventTypes
        } catch {
          #expect(error.code == .corrupt)
        }
        #expect(try await subject.readableLog().last?.commit.cover.root == sound)
      }
    },
  ]
}
