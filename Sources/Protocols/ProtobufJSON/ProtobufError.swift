/// An error in a message, its JSON or its description.
public struct ProtobufError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The error, with the path of the field if there is one.
  public var description: String

  init(_ description: String) { self.description = description }

  static let otherKind = ProtobufError("the value is not of the field's kind")
  static let tooDeep = ProtobufError("messages are nested deeper than \(depthMax) levels")

  /// The nesting limit, as in other protobuf implementations.
  static let depthMax = 100

  /// The same error within a field.
  func within(_ field: String) -> ProtobufError {
    ProtobufError(
      description.contains(": ") ? "\(field).\(description)" : "\(field): \(description)")
  }
}
