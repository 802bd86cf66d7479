import Names
import Timing

/// Whoever uses domain values can name things.
public typealias Name = Names.Name

/// And say when they happened.
public typealias Timestamp = Timing.Timestamp

extension Name {
  /// True for Outrider's own domains, whose names begin with `$`. No client writes to them.
  public var isInternal: Bool { utf8.first == UInt8(ascii: "$") }
}

/// Bytes whose meaning this layer does not look at.
public typealias Bytes = [UInt8]
