import EventModel

/// Turns what is stored of dispatched commands into events and back.
public protocol DispatchCodec: Sendable {
  /// As `EventPage.body`.
  func body(of event: DispatchEvent) -> Bytes

  /// Throws where the body is none of these events.
  func event(in body: Bytes) throws -> DispatchEvent
}

/// What happens to a dispatched command.
public enum DispatchEvent: Equatable, Sendable {
  case dispatched(DispatchedCommand)
  case due(DueCommand)
  case ended(EndedCommand)
}
