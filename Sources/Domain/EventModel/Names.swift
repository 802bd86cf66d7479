import Names

/// Whoever uses domain values can name things.
public typealias Name = Names.Name

extension Name {
  /// True for Outrider's own domains, whose names begin with `$`. No client writes to them.
  public var isInternal: Bool { utf8.first == UInt8(ascii: "$") }
}
