import ProtobufFields

/// Reads fields that this module wrote. Malformed input throws `NoMessage`, without a reason.
typealias FieldReader = ProtobufFields.FieldReader<NoMessage>
