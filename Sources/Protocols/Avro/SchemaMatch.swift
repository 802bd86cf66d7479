/// The rules of reading data of one schema by another (Apache Avro 1.11, "Schema Resolution"),
/// shared by reading and comparing.
struct SchemaMatch {
  let writer: AvroSchema
  let reader: AvroSchema

  enum Fit: Sendable { case none, promoted, same }

  /// How a reader's type fits a writer's, ignoring their parts; neither is a union.
  func fit(_ written: AvroType, _ read: AvroType) -> Fit {
    switch (written, read) {
    case (.null, .null), (.boolean, .boolean), (.int, .int), (.long, .long), (.float, .float),
      (.double, .double), (.bytes, .bytes), (.string, .string), (.array, .array), (.map, .map):
      .same
    case (.int, .long), (.int, .float), (.int, .double), (.long, .float), (.long, .double),
      (.float, .double), (.string, .bytes), (.bytes, .string):
      .promoted
    case (.named(let written), .named(let read)):
      fit(writer.named[written], reader.named[read])
    default: .none
    }
  }

  private func fit(_ written: NamedType, _ read: NamedType) -> Fit {
    switch (written, read) {
    case (.record, .record), (.enumeration, .enumeration): break
    case (.fixed(let written), .fixed(let read)):
      guard written.size == read.size else { return .none }
    default: return .none
    }
    if written.name == read.name { return .same }
    // Only the last part of the name counts.
    let isKnown =
      written.name.simple == read.name.simple || read.aliases.contains(written.name.full)
    return isKnown ? .promoted : .none
  }

  /// The branch of a reader's union for a writer's type: the first equal one, else the first that
  /// fits.
  func branch(of branches: [AvroType], for written: AvroType) -> Int? {
    let fits = branches.map { fit(written, $0) }
    return fits.firstIndex(of: .same) ?? fits.firstIndex(of: .promoted)
  }

  /// The reader's field for a writer's field: by name, else by alias.
  func field(_ written: RecordType.Field, of record: RecordType) -> Int? {
    record.fields.firstIndex { $0.name == written.name }
      ?? record.fields.firstIndex { $0.aliases.contains(written.name) }
  }

  /// The reader's payload for a writer's; nil if there is none.
  func payload(_ name: String) -> String? { reader.payload(reading: name) }
}
