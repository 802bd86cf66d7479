import JSON

/// A field of a payload, perhaps within records of it, as a schema has it.
struct FieldPath: Sendable {
  /// One record deeper.
  struct Step: Sendable {
    var name: String
    var zero: JSONValue?
  }

  private(set) var steps: [Step] = []
  private(set) var shape: JSONShape
  /// How many of the names lead to something that may be missing, or null.
  private(set) var uncertain: [Int] = []

  /// Finds the field of these names. Throws which name is wrong.
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

  /// The value in a payload; nil where there is none.
  func value(in payload: JSONValue) -> JSONValue? {
    var value = payload
    for step in steps {
      guard let inner = value[step.name] ?? step.zero, inner != .null else { return nil }
      value = inner
    }
    return value
  }
}

/// What has records, by their full names.
protocol RecordShapes: Sendable {
  func fields(of record: String) -> [JSONField]?
}
