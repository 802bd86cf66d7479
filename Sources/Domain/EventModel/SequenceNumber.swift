/// A place in one aggregate's event stream. Counts from 0, dense.
///
/// A stream's *next* sequence number is the number of its next event: 0 for an aggregate that
/// does not exist yet. So "nothing yet" is never confused with "event 0 is there".
public struct SequenceNumber: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// The number of the first event.
  public static let first = SequenceNumber(0)

  /// The number `count` places later; nil on overflow.
  public func advanced(by count: Int) -> SequenceNumber? {
    UInt32(exactly: Int(rawValue) + count).map(SequenceNumber.init(rawValue:))
  }

  public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
    left.rawValue < right.rawValue
  }

  /// The distance between two numbers: `next - first` events.
  public static func - (left: SequenceNumber, right: SequenceNumber) -> Int {
    Int(left.rawValue) - Int(right.rawValue)
  }
}

extension SequenceNumber: CustomStringConvertible, ExpressibleByIntegerLiteral {
  public init(integerLiteral value: UInt32) { self.init(value) }
  public var description: String { String(rawValue) }
}
