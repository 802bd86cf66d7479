import EventModel
import EventSourcing

/// One round of appends, from the commits that were decided to what became of each.
///
/// A state machine: it says what to do next, the writer does it and reports. Nothing here waits,
/// reads a clock or talks to a server.
///
/// What it sees to (docs/decisions/0006-mongodb-positions-by-reservation-and-tombstones.md):
/// - A commit that lost its race, or whose command was handled before, gives its position up; the
///   position is filled with a tombstone and no other commit ever gets it.
/// - A commit whose position was filled by an impatient reader gets a new one. It was decided
///   before, so the order of its aggregate's commits holds.
/// - After an insert whose outcome is not known, the same document is inserted again, at the same
///   position: a second position would let one commit be stored at both. Then a duplicate tells.
struct AppendGroup {
  /// What an insert of one commit's document came to.
  enum Insertion: Equatable {
    case stored
    /// A unique index refused it. Which one, and whose the document there is, must be looked up.
    case duplicate
    /// It may be stored, or not.
    case unknown
    case refused(StorageError)
  }

  /// What was found in the database where a commit met a duplicate.
  enum Finding: Equatable {
    /// The commit itself, from an attempt whose outcome was not known.
    case own(Position)
    /// A commit that the same command appended before.
    case command(RecordedCommit)
    /// The command has ended, and may append no more.
    case barred(EndWithoutEvents)
    /// Another commit with the same number; the aggregate ends at `next`.
    case rival(next: SequenceNumber)
    /// Another document at its position.
    case filled
    /// Nothing: what refused it is not confirmed by the majority yet, or is gone again.
    case nothing
  }

  private enum State {
    case needsPosition
    case hasPosition(Position)
    case duplicate(Position)
    case settled(Outcome)
    /// Its caller knows.
    case told
  }

  typealias Outcome = Result<AppendOutcome, StorageError>

  /// In the order in which they came.
  let commits: [Commit]
  private let partitions: [UInt32]
  private var states: [State]
  /// Positions that no commit will take.
  private(set) var abandoned: [Position] = []

  /// - Parameter commits: all decided, at most one of each aggregate.
  init(_ commits: [Commit], partitions count: UInt32) {
    self.commits = commits
    partitions = commits.map { $0.cover.root.partition(of: count) }
    states = commits.map { _ in .needsPosition }
  }

  // MARK: What to do next

  /// How many positions each partition must give.
  var positionsNeeded: [(partition: UInt32, count: Int)] {
    var counts: [UInt32: Int] = [:]
    for (state, partition) in zip(states, partitions) {
      if case .needsPosition = state { counts[partition, default: 0] += 1 }
    }
    return counts.map { ($0.key, $0.value) }.sorted { $0.partition < $1.partition }
  }

  /// The commits to insert, each by its index, and where.
  var insertions: [(index: Int, position: Position)] {
    states.enumerated().compactMap { index, state in
      if case .hasPosition(let position) = state { (index, position) } else { nil }
    }
  }

  /// The commits that met a duplicate, each by its index, and where it was to go.
  var duplicates: [(index: Int, position: Position)] {
    states.enumerated().compactMap { index, state in
      if case .duplicate(let position) = state { (index, position) } else { nil }
    }
  }

  /// Whether there is nothing left to do, for any commit or position.
  var isDone: Bool {
    abandoned.isEmpty
      && states.allSatisfy { if case .told = $0 { true } else { false } }
  }

  // MARK: What was done

  /// The partition gave positions from `first` on, as many as were needed.
  mutating func reserved(partition: UInt32, from first: UInt64) {
    var number = first
    for index in states.indices where partitions[index] == partition {
      guard case .needsPosition = states[index] else { continue }
      states[index] = .hasPosition(Position(partition: partition, number: number))
      number += 1
    }
  }

  mutating func inserted(_ index: Int, _ result: Insertion) {
    guard case .hasPosition(let position) = states[index] else {
      preconditionFailure("only a commit that has a position is inserted")
    }
    switch result {
    case .stored: states[index] = .settled(.success(.appended(position)))
    case .duplicate: states[index] = .duplicate(position)
    case .unknown: break
    case .refused(let error): abandon(index, position, .failure(error))
    }
  }

  mutating func found(_ index: Int, _ finding: Finding) {
    guard case .duplicate(let position) = states[index] else {
      preconditionFailure("only a commit that met a duplicate is looked for")
    }
    switch finding {
    case .own(let stored): states[index] = .settled(.success(.appended(stored)))
    case .command(let earlier): abandon(index, position, .success(.alreadyHandled(earlier)))
    case .barred(let end): abandon(index, position, .success(.barred(end)))
    case .rival(let next): abandon(index, position, .success(.conflict(next: next)))
    case .filled: states[index] = .needsPosition
    case .nothing: states[index] = .hasPosition(position)
    }
  }

  /// What became of commits since this was last asked.
  mutating func tell() -> [(index: Int, outcome: Outcome)] {
    states.indices.compactMap { index in
      guard case .settled(let outcome) = states[index] else { return nil }
      states[index] = .told
      return (index, outcome)
    }
  }

  /// The tombstones are written, or left to the readers.
  mutating func buried() { abandoned = [] }

  /// Time is up: what is not settled fails.
  mutating func giveUp(_ error: StorageError) {
    abandoned = []
    for index in states.indices {
      switch states[index] {
      case .settled, .told: break
      case .needsPosition, .hasPosition, .duplicate: states[index] = .settled(.failure(error))
      }
    }
  }

  private mutating func abandon(
    _ index: Int, _ position: Position, _ outcome: Outcome
  ) {
    abandoned.append(position)
    states[index] = .settled(outcome)
  }
}
