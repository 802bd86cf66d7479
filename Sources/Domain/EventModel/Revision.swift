/// A change's place among all changes of a domain's records.
///
/// Numbers count from 1 and rise with each change, but need not be dense. 0 stands for the place
/// before the first change, where a reader starts.
public struct Revision: Hashable, Comparable, Sendable, ExpressibleByIntegerLiteral {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  public init(integerLiteral value: UInt64) { self.init(value) }

  /// The next change's.
  public var next: Revision { advanced(by: 1) }

  /// The revision `count` places later.
  public func advanced(by count: Int) -> Revision { Revision(rawValue + UInt64(count)) }

  public static func < (left: Revision, right: Revision) -> Bool { left.rawValue < right.rawValue }
}

extension Revision: CustomStringConvertible {
  public var description: String { "\(rawValue)" }
}
