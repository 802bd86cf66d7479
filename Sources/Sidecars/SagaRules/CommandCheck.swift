import EventModel
import JSON
import Sidecars

/// Resolves the field values of a rule's command against the schemas of the trigger and of the
/// command, and reports what does not fit.
struct CommandCheck {
  struct Problem {
    var key: String
    var line: Int
    var flaw: RuleFlaw
  }

  private let finder: ReferenceFinder
  private let target: DomainSchema
  private let copying: Copying
  private(set) var problems: [Problem] = []

  init(_ finder: ReferenceFinder, to target: DomainSchema) {
    self.finder = finder
    self.target = target
    copying = Copying(
      source: finder.schema, target: target, isWithinOneSchema: finder.schema.bytes == target.bytes)
  }

  /// The fields of a record.
  ///
  /// - Parameters:
  ///   - key: the place of the fields, for errors.
  ///   - line: the line of the whole.
  mutating func record(
    _ name: String, _ written: [WrittenField], key: String, line: Int
  ) -> CommandValue {
    let known = target.fields(of: name) ?? []
    var given: Set<String> = []
    var fields: [(name: String, value: CommandValue)] = []
    for field in written {
      let key = "\(key).\(field.name)"
      guard let found = known.first(where: { [$0.name, $0.ownName].contains(field.name) }) else {
        note(
          key, field.line,
          RuleFlaw(unknown: field.name, kind: "field", of: name, known: known.map(\.ownName)))
        continue
      }
      guard given.insert(found.name).inserted else {
        note(key, field.line, RuleFlaw("duplicate field"))
        continue
      }
      let value = value(
        field.value, found.shape, isRequired: found.isRequired, key: key, line: field.line)
      if let value { fields.append((found.name, value)) }
    }
    for field in known where field.isRequired && !given.contains(field.name) {
      note(
        key, line,
        RuleFlaw(
          "\(name) needs the field \(field.ownName), \(field.shape); give it a value in `with`"))
    }
    return .section(fields)
  }

  private mutating func value(
    _ written: WrittenValue, _ shape: JSONShape, isRequired: Bool, key: String, line: Int
  ) -> CommandValue? {
    switch (written, shape.unwrapped) {
    case (.section(let fields), .record(let name)):
      return record(name, fields, key: key, line: line)
    case (.section(let fields), .map(let inner)):
      return .section(
        fields.compactMap { field in
          value(
            field.value, inner, isRequired: true, key: "\(key).\(field.name)", line: field.line
          ).map { (field.name, $0) }
        })
    case (.list(let elements), .list(let inner)):
      return .list(
        elements.enumerated().compactMap { index, element in
          value(element, inner, isRequired: true, key: "\(key)[\(index)]", line: line)
        })
    case (.section, _): note(key, line, RuleFlaw("a section is here, and \(shape) is expected"))
    case (.list, _): note(key, line, RuleFlaw("a list is here, and \(shape) is expected"))
    case (.template(let template), _):
      do throws(RuleFlaw) { return try value(template, shape, isRequired: isRequired) } catch {
        note(key, line, error)
      }
    }
    return nil
  }

  private func value(
    _ template: Template, _ shape: JSONShape, isRequired: Bool
  ) throws(RuleFlaw) -> CommandValue {
    if let literal = template.literal { return .literal(try shape.literal(literal)) }
    if let reference = template.reference {
      return try copy(of: finder.find(reference), shape, isRequired: isRequired)
    }
    guard shape.unwrapped == .string else {
      throw RuleFlaw("a text is here, and \(shape) is expected")
    }
    return .text(try finder.find(template))
  }

  private func copy(
    of found: FoundReference, _ shape: JSONShape, isRequired: Bool
  ) throws(RuleFlaw) -> CommandValue {
    if case .fact(.root) = found.place, case .bytes(let notation, let count) = shape.unwrapped,
      count == nil || count == Root.byteCount
    {
      return .rootBytes(notation)
    }
    if let flaw = copying.flaw(from: found.shape, to: shape) {
      throw RuleFlaw("{\(found.reference)}: \(flaw)")
    }
    let copy = CommandValue.copy(found, to: shape, copying)
    guard found.mayBeMissing, isRequired else { return copy }
    guard case .optional = shape else {
      throw RuleFlaw(
        "{\(found.reference)} may be missing, and the field is required; "
          + "add `where: {\"\(found.reference)\": {present: true}}`")
    }
    return .orNull(copy)
  }

  private mutating func note(_ key: String, _ line: Int, _ flaw: RuleFlaw) {
    problems.append(Problem(key: key, line: line, flaw: flaw))
  }
}

extension JSONShape {
  /// The shape that is not null.
  fileprivate var unwrapped: JSONShape {
    if case .optional(let shape) = self { shape } else { self }
  }
}
