import JSON

// Finds the type of a union that JSON is of. Looks one level deep only, so it costs no more than
// reading the value.

extension AvroSchema {
  /// The branch of a value, and the value without the branch's name around it. An object whose
  /// only member is a branch's name is such a value. Throws if no branch fits, or more than one.
  func branch(
    of branches: [AvroType], for json: JSONValue
  ) throws(AvroError) -> (index: Int, value: JSONValue) {
    if case .object(let members) = json, members.count == 1,
      let index = branches.firstIndex(where: { name(of: $0) == members[0].name })
    {
      return (index, members[0].value)
    }
    // For an optional type: let that type report what is wrong with the value.
    let present = branches.indices.filter { if case .null = branches[$0] { false } else { true } }
    if json != .null, present.count == 1 { return (present[0], json) }
    let fitting = branches.indices.filter { fits(json, branches[$0]) }
    if fitting.count == 1 { return (fitting[0], json) }
    if fitting.isEmpty {
      let names = branches.map(name).joined(separator: " or ")
      throw AvroError("expected \(names), got \(json.shown)")
    }
    let names = fitting.map { #"{"\#(name(of: branches[$0]))": …}"# }
    throw AvroError(
      "\(json.shown) may be of several types: write \(names.joined(separator: " or "))")
  }

  /// A branch's value as JSON: plain if `branch` would find the branch again, else in an object
  /// with the branch's name.
  func wrapped(_ value: JSONValue, branch index: Int, of branches: [AvroType]) -> JSONValue {
    if let found = try? branch(of: branches, for: value), found.index == index,
      found.value == value
    {
      return value
    }
    return .object([.init(name(of: branches[index]), value)])
  }

  /// True if a value is of a type, ignoring items, values and fields.
  func fits(_ json: JSONValue, _ type: AvroType) -> Bool {
    switch (type, json) {
    case (.null, .null), (.boolean, .bool), (.array, .array), (.map, .object): return true
    case (.string, .string): return true
    case (.int, .number): return json.whole.flatMap(Int32.init(exactly:)) != nil
    case (.long, .number): return json.whole != nil
    case (.float, _):
      guard let value = json.floating else { return false }
      return !value.isFinite || Float(value).isFinite
    case (.double, _): return json.floating != nil
    case (.bytes, .string(let text)): return text.isLatin
    case (.named(let index), _): return fits(json, named[index])
    case (.union(let branches), _): return branches.contains { fits(json, $0) }
    default: return false
    }
  }

  private func fits(_ json: JSONValue, _ type: NamedType) -> Bool {
    switch (type, json) {
    case (.enumeration(let type), .string(let symbol)): return type.symbols.contains(symbol)
    case (.fixed(let type), .string(let text)):
      return text.isLatin && text.unicodeScalars.count == type.size
    case (.record(let record), .object(let members)):
      return members.allSatisfy { member in record.fields.contains { $0.name == member.name } }
        && record.fields.allSatisfy { $0.fallback != nil || json[$0.name] != nil }
    default: return false
    }
  }
}

extension JSONValue {
  /// A whole 64-bit number, also in the form `1e3`.
  var whole: Int64? {
    guard case .number(let text) = self else { return nil }
    return Int64(text) ?? Double(text).flatMap(Int64.init(exactly:))
  }

  /// A number, or a string for NaN and the infinities.
  var floating: Double? {
    switch self {
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    case .number(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
    default: nil
    }
  }

  /// The value in words, for messages: `number 5`, `string`. Leaves out long texts.
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .number(let text) where text.utf8.count <= 32: text
    case .string(let text) where text.utf8.count <= 32: "string \(self.text)"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

extension String {
  fileprivate var isLatin: Bool { unicodeScalars.allSatisfy { $0.value <= 0xFF } }
}
