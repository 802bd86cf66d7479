import Avro
import JSON
import ProtobufJSON

extension DomainSchema {
  /// Full names of the possible payload types.
  public var payloadNames: [String] {
    switch content {
    case .avro(let schema): schema.payloads
    case .protobuf(let schema): schema.ownMessages
    }
  }

  /// Resolves a payload type's name: a full name, or a last part that only one type has. Nil if
  /// none or several match.
  public func payload(named name: String) -> String? {
    switch content {
    case .avro(let schema): return schema.payload(named: name)
    case .protobuf(let schema):
      if schema.describes(name) { return name }
      let found = schema.messageNames.filter { $0.hasSuffix(".\(name)") }
      return found.count == 1 ? found[0] : nil
    }
  }

  /// The payload type that reads payloads of a type: by the same name, or by an Avro alias. Nil if
  /// none does.
  func payload(reading written: String) -> String? {
    if let payload = payload(named: written) { return payload }
    guard case .avro(let schema) = content else { return nil }
    return schema.payload(reading: written)
  }

  /// The fields of a record or message, as in JSON; nil if there is none of this full name.
  public func fields(of record: String) -> [JSONField]? {
    switch content {
    case .avro(let schema): schema.fields(of: record)
    case .protobuf(let schema): schema.fields(of: record)
    }
  }
}
