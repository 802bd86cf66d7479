import EventModel

/// A parsed file of rules: the grammar is checked, names are not resolved yet. `docs/rules.md` has
/// the grammar.
struct RuleFile: Equatable, Sendable {
  /// The path, for errors.
  let path: String
  /// Files with the schemas of domains, by the domain's name.
  var schemas: [SchemaEntry] = []
  var rules: [WrittenRule] = []

  struct SchemaEntry: Equatable, Sendable {
    var domain: Name
    var path: String
    var line: Int
  }
}

/// One rule: on the trigger, if all conditions hold, send the command.
struct WrittenRule: Equatable, Sendable {
  /// Its place in the file, as errors name it: `rules[0]`.
  var place: String
  var line: Int
  var trigger = Trigger(type: "")
  var conditions: [WrittenCondition] = []
  /// The type of the command.
  var command = ""
  /// The domain and the root that the command goes to.
  var target = Target()
  /// The member of the aggregate that the command is for; nil: its root.
  var entity: Template?
  /// The command's fields.
  var fields: [WrittenField] = []
  /// The line of each part, by its key.
  var lines: [String: Int] = [:]

  struct Target: Equatable, Sendable {
    var domain = Template()
    var root = Template()
  }

  func line(of key: String) -> Int { lines[key] ?? line }
}

/// A field, and the tests that its value must pass.
struct WrittenCondition: Equatable, Sendable {
  enum Test: Equatable, Sendable {
    /// Equal to one of these.
    case equals([String])
    case over(String)
    case under(String)
    case present(Bool)
  }

  var reference: Reference
  var tests: [Test]
  var line: Int
}

/// A field of the command, and its value.
struct WrittenField: Equatable, Sendable {
  var name: String
  var line: Int
  var value: WrittenValue
}

indirect enum WrittenValue: Equatable, Sendable {
  case template(Template)
  case list([WrittenValue])
  case section([WrittenField])
}
