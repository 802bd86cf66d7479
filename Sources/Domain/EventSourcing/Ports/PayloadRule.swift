import EventModel

/// What the payloads of one domain must be: asked before anything is stored. A domain without a
/// rule takes whatever comes. Throws `EventSourcingError` where it cannot tell.
public protocol PayloadRule: Sendable {
  /// What is wrong with a command, with the path of its field; nil: nothing.
  func flaw(of command: Command) async throws -> String?

  /// What is wrong with an event, as `EventPage.body`, with the path of its field; nil: nothing.
  func flaw(ofEvent body: Bytes) async throws -> String?
}
