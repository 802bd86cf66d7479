import EventModel

/// The generations of one projector's projections in one domain, one of them live. A state
/// machine.
///
/// A *generation* is a complete set of projections, with a checkpoint of its own. One is *live*:
/// queries read only this one. A *candidate* is built beside it from the log's start. When the
/// candidate becomes live, the old one still receives events, so that it can become live again.
public struct ProjectionGenerations: Equatable, Sendable {
  public let projector: Name
  /// The generation that queries read.
  public private(set) var live: Generation
  /// The generation that is built to become live.
  public private(set) var candidate: Generation?
  /// The generation that was live before, and still receives events.
  public private(set) var previous: Generation?
  /// The candidate's events a second at most; nil: as many as the logic takes.
  public private(set) var throttle: Int?
  /// Generations whose records are being removed.
  public private(set) var dropped: [Generation] = []
  /// The highest number given: numbers are never reused.
  private var last: Generation

  /// The generations of a projector that was never rebuilt.
  public init(of projector: Name) {
    self.projector = projector
    (live, last) = (.first, .first)
  }

  /// The generations that receive events, the live one first.
  public var fed: [Generation] { [live] + [candidate, previous].compactMap(\.self) }

  /// Begins to build a candidate.
  ///
  /// Throws `.precondition` if there is one already.
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

  /// Makes the candidate live. The live generation becomes the previous one, and the previous one
  /// is dropped.
  ///
  /// Throws `.precondition` if there is no candidate.
  mutating func switchToCandidate() throws(EventSourcingError) {
    guard let candidate else {
      throw EventSourcingError(
        .precondition, "projector \(projector) has no generation to switch to: rebuild it first")
    }
    dropped += [previous].compactMap(\.self)
    (live, previous, self.candidate, throttle) = (candidate, live, nil, nil)
  }

  /// Swaps the live generation and the previous one.
  ///
  /// Throws `.precondition` if there is no previous one.
  mutating func rollBack() throws(EventSourcingError) {
    guard let previous else {
      throw EventSourcingError(
        .precondition, "projector \(projector) has no generation to go back to")
    }
    (live, self.previous) = (previous, live)
  }

  /// Drops a generation that queries do not read.
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

  /// Forgets a dropped generation whose records are removed.
  mutating func removed(_ generation: Generation) { dropped.removeAll { $0 == generation } }
}

/// The number of a generation, counted from 1.
public struct Generation: Hashable, Sendable, CustomStringConvertible {
  public static let first = Generation(1)
  public let number: UInt32

  public init(_ number: UInt32) { self.number = number }

  public var description: String { "\(number)" }

  /// The subscription name of this generation's records: `PROJECTOR/NUMBER`, and the projector's
  /// own name for the first one.
  public func subscription(of projector: Name) -> Name {
    self == .first ? projector : "\(projector)/\(number)"
  }
}

// MARK: Stored form

extension ProjectionGenerations {
  /// The name of the records that hold a domain's generations.
  static let registryName: Name = "$generations"

  /// Throws `.incompatible` for the form of a later version.
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
