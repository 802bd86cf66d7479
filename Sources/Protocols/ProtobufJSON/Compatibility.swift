extension Schema {
  /// Why these descriptors cannot read data of others; empty if they read all of it. Each reason
  /// has the message and the field. At most 100.
  ///
  /// A removed field is skipped, and a new one is absent; a number must keep its meaning
  /// (https://protobuf.dev/programming-guides/proto3/#updating).
  public func reasonsNotToRead(_ writer: Schema) -> [ProtobufError] {
    var reasons: [ProtobufError] = []
    for name in writer.messageNames where Schema.wellKnown.messages[name] == nil {
      guard let written = writer.messages[name], reasons.count < 100 else { continue }
      guard let read = messages[name] else {
        reasons.append(ProtobufError("the message is missing").within(name))
        continue
      }
      reasons += written.fields.compactMap { field in
        read.fields.first { $0.number == field.number }
          .flatMap { reason(field, $0, writer) }?.within(field.name).within(name)
      }
    }
    return Array(reasons.prefix(100))
  }

  private func reason(
    _ written: FieldType, _ read: FieldType, _ writer: Schema
  ) -> ProtobufError? {
    let (from, to) = (written.kind, read.kind)
    guard from.family == to.family else {
      return ProtobufError("expected \(to), got \(from); the number \(read.number) has another use")
    }
    guard written.isRepeated == read.isRepeated else {
      let kinds = written.isRepeated ? ("one value", "many") : ("many values", "one")
      return ProtobufError("expected \(kinds.0), got \(kinds.1)")
    }
    guard from == .message, written.typeName != read.typeName else { return nil }
    // Entry types of maps are named after their fields, and compared under those names.
    let isMap = writer.messages[written.typeName]?.isMapEntry == true
    guard isMap, let entries = mapEntry(read), let old = writer.mapEntry(written) else {
      return ProtobufError("expected \(read.typeName), got \(written.typeName)")
    }
    return reason(old.key, entries.key, writer) ?? reason(old.value, entries.value, writer)
  }
}

extension FieldType.Kind {
  /// Kinds of one family can read each other's bytes.
  fileprivate var family: Int {
    switch self {
    case .int32, .int64, .uint32, .uint64, .bool, .enum: 0
    case .sint32, .sint64: 1
    case .fixed32, .sfixed32: 2
    case .fixed64, .sfixed64: 3
    case .string, .bytes: 4
    case .float: 5
    case .double: 6
    case .message: 7
    }
  }
}
