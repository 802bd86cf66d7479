import JSON

extension AvroSchema {
  /// Encodes the defaults of fields. Throws if one does not fit its field's type.
  mutating func checkDefaults() throws(AvroError) {
    for index in named.indices {
      guard case .record(var record) = named[index] else { continue }
      for place in record.fields.indices {
        guard let fallback = record.fields[place].fallback else { continue }
        var writer = DatumWriter(self)
        do throws(AvroError) {
          try writer.write(default: fallback, as: record.fields[place].type)
        } catch {
          throw error.within("default").within(record.fields[place].name)
            .within(record.name.full)
        }
        record.fields[place].fallbackBytes = writer.bytes
      }
      named[index] = .record(record)
    }
  }
}
