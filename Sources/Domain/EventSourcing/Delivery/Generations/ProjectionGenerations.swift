import EventModel

/// Which generations of one projector's projections there are in one domain, and which one queries
/// see. A state machine.
///
/// A *generation* is a complete set of projections, with a checkpoint of its own. One is *live*:
/// queries read it, and no other. A *candidate* is built beside it from the log's start. When the
/// candidate becomes live, the old one is fed on, so that it can become live again.
public struct ProjectionGenerations: Equatable, Sendable {
  public let projector: Name
  /// What queries read.
  public private(set) var live: Generation
  /// What is built to become live.
  public private(set) var candidate: Generation?
  /// What was live before, and is fed on.
  public private(set) var previous: Generation?
  /// Events a second that the candidate is fed with at most; nil: as many as it takes.
  public private(set) var throttle: Int?
  /// Generations whose records are being removed.
  public private(set) var dropped: [Generation] = []
  /// No number is given twice.
  private var last: Generation

  /// Of a projector that was never rebuilt.
  public init(of projector: Name) {
    self.projector = projector
    (live, last) = (.first, .first)
  }

  /// Those that get events, the live one first.
  public var fed: [Generation] { [live] + [candidate, previous].compactMap(\.self) }

  /// Begins to build a candidate.
  ///
  /// Throws `.precondition` where there is one.
  mutating func begin(throttle: Int?) throws(EventSourcingError) {
    if let candidate {
      throw EventSourcingError(
        .precondition,
        "generation \(candidate) of projector \(projector) is being built: switch to it or drop it")
    }
    guard last.number < .max else {
      throw EventSourcingError(.exhausted, "projector \(projector) was rebuilt too often")
    }
    last = Generation(last.number + 1)
    (candidate, self.throttle) = (last, throttle)
  }

  /// Makes the candidate live. What was live before it can still become live again; what was live
  /// before that is dropped.
  ///
  /// Throws `.precondition` where there is no candidate.
  mutating func switchToCandidate() throws(EventSourcingError) {
    guard let candidate else {
      throw EventSourcingError(
        .precondition, "projector \(projector) has no generation to switch to: rebuild it first")
    }
    dropped += [previous].compactMap(\.self)
    (live, previous, self.candidate, throttle) = (candidate, live, nil, nil)
  }

  /// Makes the previous generation live, and the live one the previous.
  ///
  /// Throws `.precondition` where there is none.
  mutating func rollBack() throws(EventSourcingError) {
    guard let previous else {
      throw EventSourcingError(
        .precondition, "projector \(projector) has no generation to go back to")
    }
    (live, self.previous) = (previous, live)
  }

  /// Gives up a generation that queries do not see.
  ///
  /// Throws `.precondition` for the live one, `.notFound` for one that does not exist.
  mutating func drop(_ generation: Generation) throws(EventSourcingError) {
    switch generation {
    case live:
      throw EventSourcingError(
        .precondition, "generation \(generation) of projector \(projector) is what queries read")
    case candidate: (candidate, throttle) = (nil, nil)
    case previous: previous = nil
    default:
      throw EventSourcingError(
        .notFound, "projector \(projector) has no generation \(generation)")
    }
    dropped.append(generation)
  }

  /// Its records are gone.
  mutating func removed(_ generation: Generation) { dropped.removeAll { $0 == generation } }
}

/// The number of a generation, counted from 1.
public struct Generation: Hashable, Sendable, CustomStringConvertible {
  public static let first = Generation(1)
  public let number: UInt32

  public init(_ number: UInt32) { self.number = number }

  public var description: String { "\(number)" }

  /// The name under which a projector's records of this generation are kept: `PROJECTOR/NUMBER`,
  /// and the projector's own name for the first one.
  public func subscription(of projector: Name) -> Name {
    self == .first ? projector : "\(projector)/\(number)"
  }
}

// MARK: The form in which they are stored

extension ProjectionGenerations {
  /// Under which name a domain's generations are kept, as records.
  static let registryName: Name = "$generations"

  /// Throws `.incompatible` for a form of a later version.
  init(_ record: ConsumerRecord, of projector: Name) throws(StorageError) {
    guard let content = record.value.flatMap(RecordValue.content), content.first == 1 else {
      throw StorageError(
        .incompatible,
        "generations of projections are stored in a form that this version of Outrider does not "
          + "know: use the version that wrote it")
    }
    let numbers = RecordValue.numbers(in: Bytes(content.dropFirst()))
    guard numbers.count >= 5 else {
      throw StorageError(.corrupt, "the generations of projector \(projector) are cut short")
    }
    let generations = numbers.map { Generation(UInt32(truncatingIfNeeded: $0)) }
    func existing(_ index: Int) -> Generation? { numbers[index] == 0 ? nil : generations[index] }
    self.projector = projector
    (live, last) = (generations[0], generations[3])
    (candidate, previous) = (existing(1), existing(2))
    throttle = numbers[4] == 0 ? nil : Int(clamping: numbers[4])
    dropped = Array(generations[5...])
  }

  var value: Bytes {
    let known = [live, candidate, previous, last].map { UInt64($0?.number ?? 0) }
    let numbers = known + [UInt64(throttle ?? 0)] + dropped.map { UInt64($0.number) }
    return RecordValue.value(of: [1] + RecordValue.bytes(of: numbers))
  }
}
