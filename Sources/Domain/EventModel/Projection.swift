/// What a projector made of an aggregate's events.
public struct Projection: Equatable, Sendable {
  public var projector: Name
  public var cover: Cover
  /// The last event that it includes.
  public var sequence: SequenceNumber
  /// The value, an `Any` in wire form. Never looked into.
  public var value: Bytes

  public init(projector: Name, cover: Cover, sequence: SequenceNumber, value: Bytes) {
    self.projector = projector
    self.cover = cover
    self.sequence = sequence
    self.value = value
  }
}
