import CWire
import EventModel

extension OutriderV1 {
  /// The generations of a projector's projections.
  public struct RebuildState: WireDecodable, WireEncodable, Equatable {
    public var target: RebuildTarget
    /// The live generation first.
    public var generations: [ProjectionGeneration]
    /// The head of the log in each partition.
    public var heads: [Position]

    public init(
      _ target: RebuildTarget, generations: [ProjectionGeneration], heads: [Position]
    ) {
      self.target = target
      self.generations = generations
      self.heads = heads
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__RebuildState.self, wireBytes) {
        message throws(WireError) in
        let state = message.pointee
        return Self(
          RebuildTarget(
            projector: try name("projector", state.projector),
            domain: try domainName(state.domain)),
          generations: elements(state.generations, state.n_generations)
            .map { ProjectionGeneration($0) },
          heads: elements(state.heads, state.n_heads)
            .map { Position(partition: $0.partition, number: $0.number) })
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.fields(target.wireBytes)
      for generation in generations { writer.field(3, generation.wireContent) }
      for head in heads { writer.message(4, head) }
      return writer.bytes
    }
  }

  /// One complete set of projections.
  public struct ProjectionGeneration: Sendable, Equatable {
    public enum Role: UInt32, Sendable {
      case live = 1
      case candidate
      case previous
    }

    public var number: UInt32
    /// Nil for a role of a later version.
    public var role: Role?
    public var subscription: Name
    /// By partition.
    public var checkpoints: [Position]
    /// Aggregates that it parked, counted up to 1000.
    public var parked: Int
    /// Nil: no bound.
    public var eventsPerSecond: Int?

    public init(
      number: UInt32, role: Role?, subscription: Name, checkpoints: [Position], parked: Int,
      eventsPerSecond: Int? = nil
    ) {
      self.number = number
      self.role = role
      self.subscription = subscription
      self.checkpoints = checkpoints
      self.parked = parked
      self.eventsPerSecond = eventsPerSecond
    }

    fileprivate init(_ generation: Outrider__V1__ProjectionGeneration) {
      self.init(
        number: generation.number, role: Role(rawValue: generation.role.rawValue),
        subscription: Name(text(generation.subscription)),
        checkpoints: elements(generation.checkpoints, generation.n_checkpoints)
          .map { Position(partition: $0.partition, number: $0.number) },
        parked: Int(generation.parked),
        eventsPerSecond: generation.events_per_second == 0
          ? nil : Int(generation.events_per_second))
    }

    fileprivate var wireContent: Bytes {
      var writer = FieldWriter()
      writer.number(1, UInt64(number))
      writer.number(2, UInt64(role?.rawValue ?? 0))
      writer.text(3, subscription)
      for checkpoint in checkpoints { writer.message(4, checkpoint) }
      writer.number(5, UInt64(parked))
      writer.number(6, UInt64(eventsPerSecond ?? 0))
      return writer.bytes
    }
  }

  /// The progress of comparing generations.
  public struct VerifyProgress: WireDecodable, WireEncodable, Equatable {
    /// Aggregates that are equal in both.
    public var equal: UInt64
    public var difference: ProjectionDifference?

    public init(equal: UInt64, difference: ProjectionDifference? = nil) {
      self.equal = equal
      self.difference = difference
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__VerifyProgress.self, wireBytes) { view throws(WireError) in
        var (equal, difference) = (UInt64(0), ProjectionDifference?.none)
        var reader = FieldReader(view)
        while let field = try reader.next() {
          switch field.number {
          case 1: equal = field.value
          case 2:
            let content = view.part(field.content)
            difference = try at("difference") { () throws(WireError) in
              try ProjectionDifference(content)
            }
          default: break
          }
        }
        return Self(equal: equal, difference: difference)
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      writer.number(1, equal)
      if let difference { writer.field(2, difference.wireContent) }
      return writer.bytes
    }
  }

  /// An aggregate with different projections.
  public struct ProjectionDifference: Sendable, Equatable {
    public var root: Root
    /// Nil: nothing.
    public var live: Projection?
    public var candidate: Projection?

    public init(root: Root, live: Projection?, candidate: Projection?) {
      self.root = root
      self.live = live
      self.candidate = candidate
    }

    /// - Parameter view: a message that was checked.
    fileprivate init(_ view: View) throws(WireError) {
      var (root, live, candidate) = (Root?.none, Projection?.none, Projection?.none)
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 1: root = try at("root") { () throws(WireError) in try Root(message: content) }
        case 2: live = try at("live") { () throws(WireError) in try Projection(content) }
        case 3: candidate = try at("candidate") { () throws(WireError) in try Projection(content) }
        default: break
        }
      }
      guard let root else { throw .missing("root") }
      self.init(root: root, live: live, candidate: candidate)
    }

    fileprivate var wireContent: Bytes {
      var writer = FieldWriter()
      var uuid = FieldWriter()
      uuid.data(1, root.bytes)
      writer.field(1, uuid.bytes)
      if let live { writer.field(2, live.wireBytes) }
      if let candidate { writer.field(3, candidate.wireBytes) }
      return writer.bytes
    }
  }
}
