import EventModel
import JSON
import Sidecars
import Wire

/// Resolves a rule's references against the type of its trigger.
struct ReferenceFinder {
  let schema: DomainSchema
  let key: Rule.Key
  /// Fields that the rule's conditions guarantee, by their names in JSON.
  private var sure: Set<[String]> = []
  private var sureFacts: Set<Reference.Fact> = []

  init(_ key: Rule.Key, in schema: DomainSchema) {
    self.key = key
    self.schema = schema
  }

  func find(_ reference: Reference) throws(RuleFlaw) -> FoundReference {
    switch reference {
    case .field(let names):
      let path = try FieldPath(names, of: key.type, in: schema)
      let steps = path.steps.map(\.name)
      return FoundReference(
        reference: reference, place: .field(path),
        mayBeMissing: path.uncertain.contains { !sure.contains(Array(steps.prefix($0))) })
    case .fact(let fact):
      guard fact.isKnown(to: key.end) else {
        let trigger = key.end.map { "a command that ended \($0.rawValue)" } ?? "an event"
        throw RuleFlaw("there is no \(reference) of \(trigger)")
      }
      return FoundReference(
        reference: reference, place: .fact(fact),
        mayBeMissing: fact == .entity && !sureFacts.contains(fact))
    }
  }

  /// Resolves the references of a template. Throws if one cannot be part of a text.
  func find(_ template: Template) throws(RuleFlaw) -> FoundText {
    var text = FoundText(parts: [])
    for part in template.parts {
      switch part {
      case .text(let literal): text.parts.append(.text(literal))
      case .reference(let reference):
        let found = try find(reference)
        guard found.isText else {
          throw RuleFlaw("{\(reference)} is \(found.shape), which cannot be part of a text")
        }
        text.parts.append(.reference(found))
      }
    }
    return text
  }

  /// Resolves a template that names an aggregate, where a reference to 16 bytes is allowed, too.
  func find(root template: Template) throws(RuleFlaw) -> FoundText {
    if let reference = template.reference {
      let found = try find(reference)
      if case .bytes = found.shape { return FoundText(parts: [.reference(found)]) }
    }
    return try find(template)
  }

  /// Notes that the condition guarantees its value.
  mutating func trust(_ condition: Condition) {
    let isThere = condition.tests.contains { test in
      if case .present(false) = test { false } else { true }
    }
    guard isThere else { return }
    switch condition.reference.place {
    case .fact(let fact): sureFacts.insert(fact)
    case .field(let path):
      let names = path.steps.map(\.name)
      for count in names.indices { sure.insert(Array(names[...count])) }
    }
  }
}

extension ReferenceFinder {
  /// Resolves a condition's field. Throws if a value does not fit it.
  func find(_ condition: WrittenCondition) throws(RuleFlaw) -> Condition {
    let reference = try find(condition.reference)
    var tests: [Condition.Test] = []
    for test in condition.tests { tests.append(try self.test(test, of: reference)) }
    return Condition(reference: reference, tests: tests)
  }

  private func test(
    _ test: WrittenCondition.Test, of reference: FoundReference
  ) throws(RuleFlaw) -> Condition.Test {
    switch test {
    case .equals(let texts):
      var values: [Scalar] = []
      for text in texts { values.append(try scalar(text, of: reference)) }
      return .equals(values)
    case .over(let text): return .over(try number(text, of: reference))
    case .under(let text): return .under(try number(text, of: reference))
    case .present(let isPresent):
      guard reference.mayBeMissing else {
        throw RuleFlaw("it is always there; leave `present` out, or compare the value")
      }
      return .present(isPresent)
    }
  }

  private func number(_ text: String, of reference: FoundReference) throws(RuleFlaw) -> Scalar {
    switch reference.shape {
    case .integer, .floating: return try scalar(text, of: reference)
    default:
      throw RuleFlaw("over and under compare numbers, and it is \(reference.shape)")
    }
  }

  private func scalar(_ text: String, of reference: FoundReference) throws(RuleFlaw) -> Scalar {
    if case .fact(.root) = reference.place, let root = Root(named: text) {
      return .text(Name(root.description))
    }
    guard reference.isText, let scalar = Scalar(try reference.shape.literal(text), reference.shape)
    else { throw RuleFlaw("it is \(reference.shape), which cannot be compared") }
    return scalar
  }
}

extension DomainSchema: RecordShapes {}
