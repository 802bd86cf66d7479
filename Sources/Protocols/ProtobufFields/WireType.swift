/// The encoding of a field's value. Source: protobuf.dev/programming-guides/encoding.
@frozen public enum WireType: UInt8, Sendable {
  case varint = 0
  case fixed64 = 1
  case lengthDelimited = 2
  case fixed32 = 5
}

/// A borrowed view of a message's bytes.
public typealias View = UnsafeBufferPointer<UInt8>

extension View {
  /// The view of a field's content.
  @inlinable public func part(_ range: Range<Int>) -> View { View(rebasing: self[range]) }
}
