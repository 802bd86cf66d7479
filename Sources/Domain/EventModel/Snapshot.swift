/// An aggregate's state from business logic, so that readers can skip older events.
public struct Snapshot: Hashable, Sendable {
  /// The last event that the state includes. The aggregate's current state is this snapshot and
  /// the events from `next` on.
  public let sequence: SequenceNumber
  /// The state, an `Any` in wire form. Never decoded.
  public let state: Bytes

  public init(sequence: SequenceNumber, state: Bytes) {
    self.sequence = sequence
    self.state = state
  }

  /// The first event that the state does not include. No event has the largest number, so the
  /// number after it is never needed.
  public var next: SequenceNumber { sequence.advanced(by: 1) ?? sequence }
}
