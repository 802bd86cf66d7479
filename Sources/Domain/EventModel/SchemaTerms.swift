/// What a domain's payloads are described in.
public enum SchemaKind: String, CaseIterable, Sendable {
  /// An Avro schema.
  case avro
  /// A descriptor set of protobuf.
  case protobuf
}

/// What a new version of a domain's schema must be able to do.
public enum SchemaCompatibility: String, CaseIterable, Sendable {
  /// Read what was written by the version before.
  case backward
  /// Be read by the version before.
  case forward
  /// Both.
  case full
  /// Nothing.
  case none
}
