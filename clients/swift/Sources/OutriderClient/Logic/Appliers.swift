/// Functions that apply events to a state, by the event's type.
struct Appliers<State>: Sendable {
  typealias Apply = @Sendable (inout State, AnyPayload, String) throws -> Void

  private var functions: [Substring: Apply] = [:]

  /// Traps on a second one for the same type: a bug of the caller.
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

  /// False if no function applies the event.
  func apply(_ event: AnyPayload, of entity: String = "", to state: inout State) throws -> Bool {
    guard let function = functions[typeName(of: event.typeURL)] else { return false }
    try function(&state, event, entity)
    return true
  }
}
