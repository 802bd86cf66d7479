import JSON

/// The path to a field of a payload, possibly through nested records, resolved in a schema.
struct FieldPath: Sendable {
  /// One step into a record.
  struct Step: Sendable {
    var name: String
    var zero: JSONValue?
  }

  private(set) var steps: [Step] = []
  private(set) var shape: JSONShape
  /// The lengths of prefixes that may be missing or null.
  private(set) var uncertain: [Int] = []

  /// Resolves the names. Throws which name is wrong.
  init(_ names: [String], of record: String, in schema: any RecordShapes) throws(RuleFlaw) {
    shape = .record(record)
    for name in names {
      try take(name, in: schema)
      if case .optional = shape { uncertain.append(steps.count) }
    }
    if case .optional(let inner) = shape { shape = inner }
  }

  private mutating func take(_ name: String, in schema: any RecordShapes) throws(RuleFlaw) {
    if case .optional(let inner) = shape { shape = inner }
    switch shape {
    case .record(let record):
      let fields = schema.fields(of: record) ?? []
      guard let field = fields.first(where: { $0.name == name || $0.ownName == name }) else {
        throw RuleFlaw(unknown: name, kind: "field", of: record, known: fields.map(\.ownName))
      }
      steps.append(Step(name: field.name, zero: field.mayBeAbsent ? nil : field.zero))
      shape = field.shape
      if field.mayBeAbsent { uncertain.append(steps.count) }
    case .map(let value):
      steps.append(Step(name: name, zero: nil))
      shape = value
      uncertain.append(steps.count)
    default:
      let path = steps.map(\.name).joined(separator: ".")
      throw RuleFlaw("\(path) is \(shape), which has no field \(name)")
    }
  }

  /// The value in a payload; nil if it is missing.
  func value(in payload: JSONValue) -> JSONValue? {
    var value = payload
    for step in steps {
      guard let inner = value[step.name] ?? step.zero, inner != .null else { return nil }
      value = inner
    }
    return value
  }
}

/// A schema: looks up records by full name.
protocol RecordShapes: Sendable {
  func fields(of record: String) -> [JSONField]?
}
