/// Has a property of type `String` or `String?` compared and hashed by its UTF-8 bytes, as a `Name`
/// is, where the type that holds it is: a command id, a correlation.
///
/// What is read from the property is a `String` again. To compare two, take `bytewise` of both.
@propertyWrapper public struct Bytewise<Text: BytewiseText>: Sendable {
  public var wrappedValue: Text

  @inlinable public init(wrappedValue: Text) { self.wrappedValue = wrappedValue }
}

extension Bytewise: Hashable {
  @inlinable public static func == (left: Bytewise, right: Bytewise) -> Bool {
    left.wrappedValue.bytewise == right.wrappedValue.bytewise
  }

  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(wrappedValue.bytewise) }
}

/// What `Bytewise` compares.
public protocol BytewiseText: Sendable {
  /// The text as it is compared; nil where there is none.
  var bytewise: Name? { get }
}

extension String: BytewiseText {
  @inlinable public var bytewise: Name? { Name(self) }
}

extension Optional: BytewiseText where Wrapped == String {
  @inlinable public var bytewise: Name? { map { Name($0) } }
}
