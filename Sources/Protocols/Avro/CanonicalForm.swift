import JSON

extension AvroSchema {
  /// A payload's schema in Parsing Canonical Form (Apache Avro 1.11, "Parsing Canonical Form for
  /// Schemas"): equal for all schemas that encode its data alike.
  public func canonicalForm(of payload: String) throws(AvroError) -> String {
    var form = CanonicalForm(schema: self)
    try form.write(payloadType(payload), depth: 0)
    return String(decoding: form.text, as: UTF8.self)
  }

  /// The fingerprint of a payload's schema, which precedes its data.
  public func fingerprint(of payload: String) throws(AvroError) -> AvroFingerprint {
    var form = CanonicalForm(schema: self)
    try form.write(payloadType(payload), depth: 0)
    return AvroFingerprint(of: form.text)
  }

  /// The fingerprint of the whole schema.
  public func fingerprint() throws(AvroError) -> AvroFingerprint {
    var form = CanonicalForm(schema: self)
    try form.write(root, depth: 0)
    return AvroFingerprint(of: form.text)
  }
}

/// Names are full, and need no escapes in JSON. A name is defined at its first use.
private struct CanonicalForm {
  let schema: AvroSchema
  private(set) var text: [UInt8] = []
  private var defined: Set<Int> = []

  init(schema: AvroSchema) { self.schema = schema }

  mutating func write(_ type: AvroType, depth: Int) throws(AvroError) {
    guard depth < AvroLimits.depthMax else { throw .tooDeep }
    switch type {
    case .array(let items): try write("array", "items", items, depth)
    case .map(let values): try write("map", "values", values, depth)
    case .union(let branches):
      put("[")
      for (index, branch) in branches.enumerated() {
        if index > 0 { put(",") }
        try write(branch, depth: depth + 1)
      }
      put("]")
    case .named(let index): try write(named: index, depth: depth)
    default: put("\"\(schema.name(of: type))\"")
    }
  }

  private mutating func write(
    _ kind: String, _ part: String, _ type: AvroType, _ depth: Int
  ) throws(AvroError) {
    put(#"{"type":"\#(kind)","\#(part)":"#)
    try write(type, depth: depth + 1)
    put("}")
  }

  private mutating func write(named index: Int, depth: Int) throws(AvroError) {
    let name = schema.named[index].name.full
    guard defined.insert(index).inserted else { return put("\"\(name)\"") }
    put(#"{"name":"\#(name)","type":"#)
    switch schema.named[index] {
    case .record(let record):
      put(#""record","fields":["#)
      for (place, field) in record.fields.enumerated() {
        put(#"\#(place > 0 ? "," : ""){"name":"\#(field.name)","type":"#)
        try write(field.type, depth: depth + 1)
        put("}")
      }
      put("]}")
    case .enumeration(let type):
      put(#""enum","symbols":["#)
      put(type.symbols.map { "\"\($0)\"" }.joined(separator: ","))
      put("]}")
    case .fixed(let type): put(#""fixed","size":\#(type.size)}"#)
    }
  }

  private mutating func put(_ part: String) { text += part.utf8 }
}
