/// Why a message, its JSON or its description cannot be read.
public struct ProtobufError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, with the path of the field where there is one.
  public var description: String

  init(_ description: String) { self.description = description }

  static let otherKind = ProtobufError("the value is not of the field's kind")
  static let tooDeep = ProtobufError("messages are nested deeper than \(depthMax) levels")

  /// Nesting beyond it is refused, as other implementations of protobuf do.
  static let depthMax = 100

  /// The same, said of a field.
  func within(_ field: String) -> ProtobufError {
    ProtobufError(
      description.contains(": ") ? "\(field).\(description)" : "\(field): \(description)")
  }
}
