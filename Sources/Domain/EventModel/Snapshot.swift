/// An aggregate's state as business logic gave it, so that older events need not be read again.
public struct Snapshot: Hashable, Sendable {
  /// The last event that the state includes. The aggregate's state now is this one and the events
  /// from `next` on.
  public let sequence: SequenceNumber
  /// The state, an `Any` in wire form. Never looked into.
  public let state: Bytes

  public init(sequence: SequenceNumber, state: Bytes) {
    self.sequence = sequence
    self.state = state
  }

  /// The first event that the state does not include. No event has the last number there is, so
  /// behind it there is none.
  public var next: SequenceNumber { sequence.advanced(by: 1) ?? sequence }
}
