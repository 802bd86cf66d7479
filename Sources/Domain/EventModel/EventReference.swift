/// Names one event by its aggregate and sequence number.
public struct EventReference: Hashable, Sendable {
  public var cover: Cover
  public var sequence: SequenceNumber

  public init(cover: Cover, sequence: SequenceNumber) {
    self.cover = cover
    self.sequence = sequence
  }
}

extension EventReference: CustomStringConvertible {
  public var description: String { "\(cover) #\(sequence)" }
}
