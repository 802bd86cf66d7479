import Avro
import JSON

/// A schema, as one is registered or checked: it bears being used, and compared with itself.
@Sendable func feedAvroSchema(_ input: [UInt8]) {
  guard let schema = try? AvroSchema(parsing: input) else { return }
  precondition(schema.reasonsNotToRead(schema).isEmpty, "a schema cannot read its own data")
  for payload in schema.payloads.prefix(3) {
    _ = try? schema.fingerprint(of: payload)
    if let datum = try? schema.datum([:], as: payload) {
      precondition((try? schema.check(datum, as: payload)) != nil, payload)
    }
  }
}

/// A datum in single-object encoding, and JSON: what is shown can be read, and is the same.
@Sendable func feedAvroDatum(_ input: [UInt8]) {
  let body = (try? SingleObject(bytes: input))?.body ?? input
  let isDatum = (try? everything.check(body, as: "fuzz.Everything")) != nil
  let shown = try? everything.json(body, as: "fuzz.Everything")
  precondition(isDatum == (shown != nil), "checking and reading do not agree")
  if let shown {
    let datum = try? everything.datum(shown, as: "fuzz.Everything")
    precondition(
      datum.flatMap { try? everything.json($0, as: "fuzz.Everything") } == shown, shown.text)
    _ = try? AvroResolution(writer: everything, reader: later).json(body, as: "fuzz.Everything")
  }
  if let json = try? JSONValue.parse(input) {
    _ = try? everything.datum(json, as: "fuzz.Everything")
  }
}

private let everything = sample(#""int""#)
private let later = sample(#"["null","double"]"#)

/// A record with a field of each type.
private func sample(_ number: String) -> AvroSchema {
  let text = """
    {"type":"record","name":"fuzz.Everything","fields":[
    {"name":"n","type":\(number)},{"name":"l","type":"long","default":5},
    {"name":"s","type":["null","string","bytes"]},{"name":"d","type":["float","double","boolean"]},
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
    {"name":"f","type":{"type":"fixed","name":"F","size":2}},
    {"name":"a","type":{"type":"array","items":["null","Everything"]}},
    {"name":"m","type":{"type":"map","values":["null",{"type":"map","values":"int"},
    {"type":"record","name":"S","fields":[]}]}}]}
    """
  do { return try AvroSchema(parsing: Array(text.utf8)) } catch {
    preconditionFailure("our own schema cannot be read: \(error)")
  }
}
