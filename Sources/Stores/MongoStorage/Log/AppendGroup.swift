import EventModel
import EventSourcing

/// One group of appends, from the decided commits to the outcome of each.
///
/// A state machine: it says what to do next, and the appender does it and reports. Nothing here
/// waits, reads a clock or talks to a server.
///
/// Its rules (docs/decisions/0006-mongodb-positions-by-reservation-and-tombstones.md):
/// - A commit that conflicts, or whose command was handled before, abandons its position. The
///   position is filled with a tombstone, and no other commit ever gets it.
/// - A commit whose position an impatient reader has filled gets a new one. It was decided
///   before, so the order of its aggregate's commits holds.
/// - After an insert with an unknown outcome, the same document is inserted again, at the same
///   position: a second position could store the commit twice. If the first insert succeeded, the
///   retry meets a duplicate.
struct AppendGroup {
  /// The result of inserting one commit's document.
  enum Insertion: Equatable {
    case stored
    /// A unique index refused it. A look-up must find out which one, and which document is there.
    case duplicate
    /// The outcome is unknown.
    case unknown
    case refused(StorageError)
  }

  /// The result of the look-up after a duplicate.
  enum Finding: Equatable {
    /// The commit itself, from an attempt with an unknown outcome.
    case own(Position)
    /// An earlier commit of the same command.
    case command(RecordedCommit)
    /// The command has ended, and may append no more.
    case barred(EndWithoutEvents)
    /// Another commit with the same number; the aggregate ends at `next`.
    case rival(next: SequenceNumber)
    /// Another document at its position.
    case filled
    /// None: the conflicting document is not majority-confirmed yet, or gone again.
    case nothing
  }

  private enum State {
    case needsPosition
    case hasPosition(Position)
    case duplicate(Position)
    case settled(Outcome)
    /// The caller has the outcome.
    case told
  }

  typealias Outcome = Result<AppendOutcome, StorageError>

  /// In order of arrival.
  let commits: [Commit]
  private let partitions: [UInt32]
  private var states: [State]
  /// Positions that no commit will take.
  private(set) var abandoned: [Position] = []

  /// - Parameter commits: decided commits, at most one of each aggregate.
  init(_ commits: [Commit], partitions count: UInt32) {
    self.commits = commits
    partitions = commits.map { $0.cover.root.partition(of: count) }
    states = commits.map { _ in .needsPosition }
  }

  // MARK: What to do next

  /// The number of positions to reserve in each partition.
  var positionsNeeded: [(partition: UInt32, count: Int)] {
    var counts: [UInt32: Int] = [:]
    for (state, partition) in zip(states, partitions) {
      if case .needsPosition = state { counts[partition, default: 0] += 1 }
    }
    return counts.map { ($0.key, $0.value) }.sorted { $0.partition < $1.partition }
  }

  /// The commits to insert, by index, and their positions.
  var insertions: [(index: Int, position: Position)] {
    states.enumerated().compactMap { index, state in
      if case .hasPosition(let position) = state { (index, position) } else { nil }
    }
  }

  /// The commits that met a duplicate, by index, and their intended positions.
  var duplicates: [(index: Int, position: Position)] {
    states.enumerated().compactMap { index, state in
      if case .duplicate(let position) = state { (index, position) } else { nil }
    }
  }

  /// Whether all commits and positions are finished.
  var isDone: Bool {
    abandoned.isEmpty
      && states.allSatisfy { if case .told = $0 { true } else { false } }
  }

  // MARK: Reports

  /// Assigns the partition's reserved positions, from `first` on.
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

  /// Returns the outcomes that are new since the last call.
  mutating func tell() -> [(index: Int, outcome: Outcome)] {
    states.indices.compactMap { index in
      guard case .settled(let outcome) = states[index] else { return nil }
      states[index] = .told
      return (index, outcome)
    }
  }

  /// The tombstones are written, or left to readers.
  mutating func buried() { abandoned = [] }

  /// Time is up: fails all unsettled commits.
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
