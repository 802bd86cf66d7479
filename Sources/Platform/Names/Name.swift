/// A name: of a domain, a projector, a caller, a header. Compared and hashed by its UTF-8 bytes.
///
/// `String` compares by canonical equivalence, so U+212A (KELVIN SIGN) equals `K`. Files,
/// databases and peers compare bytes. So every key is a `Name`, never a `String`.
public struct Name: Sendable {
  /// The name as text, for messages and encodings. Never compared.
  public let text: String

  @inlinable public init(_ text: String) { self.text = text }

  @inlinable public var utf8: String.UTF8View { text.utf8 }
  @inlinable public var isEmpty: Bool { text.isEmpty }

  public func hasPrefix(_ prefix: Name) -> Bool { utf8.starts(with: prefix.utf8) }

  /// What follows a prefix; nil unless the name begins with it.
  public func after(_ prefix: Name) -> Name? {
    hasPrefix(prefix) ? Name(String(Substring(utf8.dropFirst(prefix.utf8.count)))) : nil
  }

  /// Calls `body` with the bytes in place.
  @inlinable func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    // Native strings are contiguous; the copy is for a bridged one.
    utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
  }
}

extension Name: Hashable {
  @inlinable public static func == (left: Name, right: Name) -> Bool {
    left.withBytes { left in right.withBytes { left.elementsEqual($0) } }
  }

  @inlinable public func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    // As `String` does: no byte of UTF-8 is 0xFF, so joined names stay apart.
    hasher.combine(0xFF as UInt8)
  }
}

extension Name: Comparable {
  /// Orders names by their bytes.
  public static func < (left: Name, right: Name) -> Bool {
    left.withBytes { left in right.withBytes { left.lexicographicallyPrecedes($0) } }
  }
}

extension Name: LosslessStringConvertible, ExpressibleByStringInterpolation {
  @inlinable public init(stringLiteral text: String) { self.init(text) }
  public var description: String { text }
}
