import Avro
import JSON

func schema(_ text: String) throws(AvroError) -> AvroSchema {
  try AvroSchema(parsing: Array(text.utf8))
}

func json(_ text: String) throws -> JSONValue { try JSONValue.parse(Array(text.utf8)) }

/// A record of one field of the type.
func wrapping(_ type: String, fallback: String? = nil) throws(AvroError) -> AvroSchema {
  let fallback = fallback.map { #","default":\#($0)"# } ?? ""
  return try schema(
    #"{"type":"record","name":"t.R","fields":[{"name":"x","type":\#(type)\#(fallback)}]}"#)
}

/// The message of the error that `body` throws.
func message(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return "\(error)" }
  return nil
}
