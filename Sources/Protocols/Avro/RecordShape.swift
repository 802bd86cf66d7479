import JSON

extension AvroSchema {
  /// The fields of a record, as in JSON; nil if the schema has no such record.
  ///
  /// - Parameter record: the full name.
  public func fields(of record: String) -> [JSONField]? {
    guard let index = indices[record], case .record(let type) = named[index] else { return nil }
    return type.fields.map {
      JSONField($0.name, shape(of: $0.type), isRequired: $0.fallback == nil)
    }
  }

  private func shape(of type: AvroType) -> JSONShape {
    switch type {
    case .null: .other("null")
    case .boolean: .boolean
    case .int: .integer(Int128(Int32.min)...Int128(Int32.max))
    case .long: .integer(Int128(Int64.min)...Int128(Int64.max))
    case .float, .double: .floating
    case .bytes: .bytes(.latin, count: nil)
    case .string: .string
    case .array(let items): .list(shape(of: items))
    case .map(let values): .map(shape(of: values))
    case .union(let branches): shape(ofUnion: branches)
    case .named(let index): shape(of: named[index])
    }
  }

  /// With several types beside null, JSON names the type of a value.
  private func shape(ofUnion branches: [AvroType]) -> JSONShape {
    let others = branches.filter { if case .null = $0 { false } else { true } }
    guard others.count == 1 else { return .other(name(of: .union(branches))) }
    let shape = shape(of: others[0])
    return others.count == branches.count ? shape : .optional(shape)
  }

  private func shape(of type: NamedType) -> JSONShape {
    switch type {
    case .record(let type): .record(type.name.full)
    case .enumeration(let type): .enumeration(type.symbols)
    case .fixed(let type): .bytes(.latin, count: type.size)
    }
  }
}
