import Avro
import Encodings
import Glibc
import JSON

/// Answers questions about Avro, one a line, so that tests can compare with another make.
///
/// A question is `{"schema": …, "type": "ns.Name", "json": …}` or the same with `"bytes"` in Base64
/// and perhaps the schema of a `"reader"`. The answer is `{"bytes", "fingerprint"}`, `{"json"}` or
/// `{"error"}`.
@main
struct AvroPeer {
  static func main() {
    while let line = readLine() {
      let answer: JSONValue
      do { answer = try Self.answer(JSONValue.parse(Array(line.utf8))) } catch {
        answer = ["error": .string("\(error)")]
      }
      print(answer.text)
      fflush(nil)
    }
  }

  private static func answer(_ question: JSONValue) throws -> JSONValue {
    let schema = try schema(question["schema"])
    guard case .string(let type)? = question["type"] else { throw Unanswerable() }
    if let json = question["json"] {
      return [
        "bytes": .string(base64: try schema.datum(json, as: type)),
        "fingerprint": .string("\(try schema.fingerprint(of: type))"),
      ]
    }
    guard case .string(let text)? = question["bytes"],
      let bytes = Base64.decode(text.utf8, .either)
    else { throw Unanswerable() }
    try schema.check(bytes, as: type)
    let reader = try question["reader"].map { try self.schema($0) } ?? schema
    let resolution = AvroResolution(writer: schema, reader: reader)
    return [
      "json": try resolution.json(bytes, as: type),
      "isCompatible": .bool(reader.reasonsNotToRead(schema).isEmpty),
    ]
  }

  private static func schema(_ json: JSONValue?) throws -> AvroSchema {
    try AvroSchema(parsing: Array((json ?? .null).text.utf8))
  }

  struct Unanswerable: Error {}
}
