import ProtobufFields

/// Reads what this module wrote itself: whoever asks for more than the next field is told only that
/// the bytes are no message.
typealias FieldReader = ProtobufFields.FieldReader<NoMessage>

struct NoMessage: MalformedMessage {
  init(malformed reason: String) {}
}
