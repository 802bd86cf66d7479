/// The language of a domain's schema.
public enum SchemaKind: String, CaseIterable, Sendable {
  /// An Avro schema.
  case avro
  /// A descriptor set of protobuf.
  case protobuf
}

/// The compatibility that a new version of a domain's schema must keep.
public enum SchemaCompatibility: String, CaseIterable, Sendable {
  /// It reads data of the version before.
  case backward
  /// The version before reads its data.
  case forward
  /// Both.
  case full
  /// No check.
  case none
}
