import Avro
import EventModel
import JSON
import ProtobufJSON
import Wire

/// The schema of a domain's payloads: an Avro schema, or a protobuf descriptor set.
public struct DomainSchema: Sendable {
  enum Content: Sendable {
    case avro(AvroSchema)
    case protobuf(ProtobufJSON.Schema)
  }

  /// The size limit.
  static let bytesMax = 1 << 20

  /// The original bytes.
  public let bytes: Bytes
  let content: Content

  /// Parses either kind. Throws the error: the line of JSON, or the type and the field.
  public init(_ bytes: Bytes) throws(SchemaFlaw) {
    guard bytes.count <= Self.bytesMax else {
      throw SchemaFlaw("a schema may take \(Self.bytesMax) bytes, got \(bytes.count)")
    }
    self.bytes = bytes
    // JSON is never a valid descriptor set.
    if let schema = try? Schema(descriptorSet: bytes), !schema.ownMessages.isEmpty {
      content = .protobuf(schema)
      return
    }
    let first = bytes.first { !" \t\r\n".utf8.contains($0) }
    guard first.map({ #"{[""#.utf8.contains($0) }) == true else {
      throw SchemaFlaw("it is neither an Avro schema nor a descriptor set with messages")
    }
    do { content = .avro(try AvroSchema(parsing: bytes)) } catch { throw SchemaFlaw("\(error)") }
  }

  public var kind: SchemaKind {
    switch content {
    case .avro: .avro
    case .protobuf: .protobuf
    }
  }

  /// The command and event types.
  public func types() throws(SchemaFlaw) -> [OutriderV1.SchemaVersion.PayloadType] {
    switch content {
    case .protobuf(let schema): return schema.ownMessages.map { .init(name: $0) }
    case .avro(let schema):
      var types: [OutriderV1.SchemaVersion.PayloadType] = []
      for name in schema.payloads {
        do {
          types.append(.init(name: name, fingerprint: "\(try schema.fingerprint(of: name))"))
        } catch { throw SchemaFlaw("\(name): \(error)") }
      }
      return types
    }
  }

  /// True if both differ only in white space.
  func isSame(as other: DomainSchema) -> Bool {
    if bytes == other.bytes { return true }
    guard kind == .avro, other.kind == .avro else { return false }
    return (try? JSONValue.parse(bytes)) == (try? JSONValue.parse(other.bytes))
  }

  /// Why this schema is incompatible with the one before it; empty if it is compatible.
  public func reasons(
    against other: DomainSchema, _ compatibility: SchemaCompatibility
  ) -> [String] {
    switch compatibility {
    case .none: []
    case .backward: reasonsNotToRead(other)
    case .forward: other.reasonsNotToRead(self).map { "the version before cannot read this: \($0)" }
    case .full: reasons(against: other, .backward) + reasons(against: other, .forward)
    }
  }

  private func reasonsNotToRead(_ other: DomainSchema) -> [String] {
    switch (content, other.content) {
    case (.avro(let reader), .avro(let writer)): reader.reasonsNotToRead(writer).map { "\($0)" }
    case (.protobuf(let reader), .protobuf(let writer)):
      reader.reasonsNotToRead(writer).map { "\($0)" }
    default: ["one is a schema of \(kind.rawValue), the other of \(other.kind.rawValue)"]
    }
  }
}

/// Why bytes are not a schema.
public struct SchemaFlaw: Error, CustomStringConvertible, Sendable {
  public let description: String

  init(_ description: String) { self.description = description }
}

extension ProtobufJSON.Schema {
  /// Without the messages that come with protobuf.
  var ownMessages: [String] {
    messageNames.filter { !$0.hasPrefix("google.protobuf.") }
  }
}
