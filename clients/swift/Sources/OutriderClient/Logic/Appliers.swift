/// The functions that change a state, by the type of their event.
struct Appliers<State>: Sendable {
  typealias Apply = @Sendable (inout State, AnyPayload, String) throws -> Void

  private var functions: [Substring: Apply] = [:]

  /// A second one for the same type is a bug of the caller's, and traps.
  mutating func add<Event: Payload>(
    _ type: Event.Type, _ apply: @escaping @Sendable (inout State, Event, String) -> Void
  ) {
    let previous = functions.updateValue(
      { state, payload, entity in
        guard let event = try payload.as(Event.self) else { return }
        apply(&state, event, entity)
      }, forKey: Event.typeName)
    precondition(previous == nil, "\(State.self) applies \(Event.typeURL) twice")
  }

  /// False where no function takes the event.
  func apply(_ event: AnyPayload, of entity: String = "", to state: inout State) throws -> Bool {
    guard let function = functions[typeName(of: event.typeURL)] else { return false }
    try function(&state, event, entity)
    return true
  }
}
