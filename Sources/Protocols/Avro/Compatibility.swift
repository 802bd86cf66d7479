extension AvroSchema {
  /// Why this schema cannot read data of another; empty if it reads all of it. Each reason has the
  /// path of the type and field. At most 100.
  public func reasonsNotToRead(_ writer: AvroSchema) -> [AvroError] {
    var comparison = Comparison(match: SchemaMatch(writer: writer, reader: self))
    for payload in writer.payloads { comparison.compare(payload: payload) }
    return Array(comparison.reasons.prefix(AvroLimits.reasonsMax))
  }
}

/// Compares two schemas recursively, each pair of records once.
private struct Comparison {
  private struct Pair: Hashable {
    var written: Int
    var read: Int
  }

  let match: SchemaMatch
  private(set) var reasons: [AvroError] = []
  private var path: [String] = []
  private var seen: Set<Pair> = []

  init(match: SchemaMatch) { self.match = match }

  mutating func compare(payload: String) {
    guard let read = match.payload(payload), let from = match.writer.indices[payload],
      let to = match.reader.indices[read]
    else { return fail("the record is missing, and no record has it as an alias", at: payload) }
    within(payload) { $0.compare(.named(from), .named(to)) }
  }

  private mutating func compare(_ written: AvroType, _ read: AvroType) {
    guard reasons.count < AvroLimits.reasonsMax else { return }
    guard path.count < AvroLimits.depthMax else { return fail(AvroError.tooDeep.message) }
    if case .union(let branches) = written {
      for branch in branches { compare(branch, read) }
      return
    }
    if case .union(let branches) = read {
      guard let index = match.branch(of: branches, for: written) else {
        return fail(mismatch(written, read))
      }
      return compare(written, branches[index])
    }
    switch (written, read) {
    case (.array(let written), .array(let read)), (.map(let written), .map(let read)):
      within("[]") { $0.compare(written, read) }
    case (.named(let from), .named(let to)) where match.fit(written, read) != .none:
      guard seen.insert(Pair(written: from, read: to)).inserted else { return }
      compare(match.writer.named[from], match.reader.named[to])
    default: if match.fit(written, read) == .none { fail(mismatch(written, read)) }
    }
  }

  private mutating func compare(_ written: NamedType, _ read: NamedType) {
    switch (written, read) {
    case (.enumeration(let written), .enumeration(let read)):
      let missing = written.symbols.filter { !read.symbols.contains($0) }
      if !missing.isEmpty, read.fallback == nil {
        fail("the symbols \(missing.joined(separator: ", ")) are missing, and there is no default")
      }
    case (.record(let written), .record(let read)): compare(written, read)
    default: break
    }
  }

  private mutating func compare(_ written: RecordType, _ read: RecordType) {
    var filled: Set<Int> = []
    for field in written.fields {
      guard let place = match.field(field, of: read) else { continue }
      filled.insert(place)
      within(field.name) { $0.compare(field.type, read.fields[place].type) }
    }
    for (place, field) in read.fields.enumerated()
    where !filled.contains(place) && field.fallback == nil {
      fail("the field has no default, and what was written before lacks it", at: field.name)
    }
  }

  private mutating func within(_ name: String, _ body: (inout Comparison) -> Void) {
    path.append(name)
    body(&self)
    path.removeLast()
  }

  private mutating func fail(_ message: String, at name: String? = nil) {
    let place = path + (name.map { [$0] } ?? [])
    reasons.append(place.reversed().reduce(AvroError(message)) { $0.within($1) })
  }

  private func mismatch(_ written: AvroType, _ read: AvroType) -> String {
    "expected \(match.reader.name(of: read)), got \(match.writer.name(of: written))"
  }
}
