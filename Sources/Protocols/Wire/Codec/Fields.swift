import EventModel
import ProtobufFields

typealias FieldReader = ProtobufFields.FieldReader<WireError>
typealias FieldWriter = ProtobufFields.FieldWriter
typealias View = ProtobufFields.View
typealias WireType = ProtobufFields.WireType

extension WireError: MalformedMessage {
  public init(malformed reason: String) { self.init(.malformed, reason) }
}

extension FieldWriter {
  mutating func text(_ number: UInt32, _ name: Name) { text(number, name.text) }
}
