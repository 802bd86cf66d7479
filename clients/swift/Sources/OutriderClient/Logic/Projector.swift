internal import EventModel
internal import Wire

/// A projector: folds the events of one aggregate into its projection, for reading.
///
/// The value is the projection. Outrider stores it, and returns it with the next events.
public protocol Projector: Logic, Payload {
  /// The projection of an aggregate without events.
  init()

  /// Handlers of its events. Make it a `static let`.
  static var behavior: ProjectorBehavior<Self> { get }
}

extension Projector {
  public typealias Behavior = ProjectorBehavior<Self>
}

/// Handlers of a projector's events. It skips events without a handler.
public struct ProjectorBehavior<State: Projector>: Sendable {
  private var appliers = Appliers<State>()

  public init() {}

  /// Applies an event to the projection.
  public func apply<Event: Payload>(
    _ type: Event.Type, _ apply: @escaping @Sendable (inout State, Event) -> Void
  ) -> Self {
    var behavior = self
    behavior.appliers.add(type) { state, event, _ in apply(&state, event) }
    return behavior
  }

  func apply(_ event: AnyPayload, to state: inout State) throws {
    _ = try appliers.apply(event, to: &state)
  }
}

extension Projector {
  /// `evented.Projector/HandleSync`: the projection after the events of a book.
  package static func project(_ request: [UInt8]) throws -> [UInt8] {
    let given = try Evented.ProjectorRequest(wireBytes: request)
    var state = try given.previous.map { try Self(stored: $0.value) } ?? Self()
    for page in given.book.pages.pages {
      try behavior.apply(AnyPayload(pageBody: page.body), to: &state)
    }
    return Evented.ProjectorAnswer(value: try AnyPayload(state).any).wireBytes
  }
}
