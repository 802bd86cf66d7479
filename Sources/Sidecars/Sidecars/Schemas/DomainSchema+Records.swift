import Avro
import JSON
import ProtobufJSON

extension DomainSchema {
  /// The full names of the types that payloads may have.
  public var payloadNames: [String] {
    switch content {
    case .avro(let schema): schema.payloads
    case .protobuf(let schema): schema.ownMessages
    }
  }

  /// The full name of the payload type that a name means: a full name, or the last part of one
  /// where only one type has it. Nil: no type, or several.
  public func payload(named name: String) -> String? {
    switch content {
    case .avro(let schema): return schema.payload(named: name)
    case .protobuf(let schema):
      if schema.describes(name) { return name }
      let found = schema.messageNames.filter { $0.hasSuffix(".\(name)") }
      return found.count == 1 ? found[0] : nil
    }
  }

  /// The payload type that reads payloads of a type: the one of that name, or one that had it
  /// before (Avro's aliases). Nil: none does.
  func payload(reading written: String) -> String? {
    if let payload = payload(named: written) { return payload }
    guard case .avro(let schema) = content else { return nil }
    return schema.payload(reading: written)
  }

  /// The fields of a record or a message, as JSON has them; nil where there is none of that full
  /// name.
  public func fields(of record: String) -> [JSONField]? {
    switch content {
    case .avro(let schema): schema.fields(of: record)
    case .protobuf(let schema): schema.fields(of: record)
    }
  }
}
