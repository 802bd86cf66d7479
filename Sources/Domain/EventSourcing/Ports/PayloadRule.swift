import EventModel

/// Validates one domain's payloads before they are stored. A domain without a rule accepts every
/// payload. Throws `EventSourcingError` if the check itself fails.
public protocol PayloadRule: Sendable {
  /// Returns the flaw of a command, with the path of its field; nil if it is valid.
  func flaw(of command: Command) async throws -> String?

  /// Returns the flaw of an event, given as `EventPage.body`, with the path of its field; nil if
  /// it is valid.
  func flaw(ofEvent body: Bytes) async throws -> String?
}
