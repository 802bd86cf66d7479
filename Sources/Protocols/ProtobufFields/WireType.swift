/// How a field's value is laid out.
/// Source: protobuf.dev/programming-guides/encoding.
@frozen public enum WireType: UInt8, Sendable {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case fixed32 = 5
}

/// Bytes of a message, looked at where they lie.
public typealias View = UnsafeBufferPointer<UInt8>

extension View {
  /// The part of it that a field's content is.
  @inlinable public func part(_ range: Range<Int>) -> View { View(rebasing: self[range]) }
}
