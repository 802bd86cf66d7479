/// A projector's output for one aggregate.
public struct Projection: Equatable, Sendable {
  public var projector: Name
  public var cover: Cover
  /// The last event that the projection includes.
  public var sequence: SequenceNumber
  /// The value, an `Any` in wire form. Never decoded.
  public var value: Bytes

  public init(projector: Name, cover: Cover, sequence: SequenceNumber, value: Bytes) {
    self.projector = projector
    self.cover = cover
    self.sequence = sequence
    self.value = value
  }
}
