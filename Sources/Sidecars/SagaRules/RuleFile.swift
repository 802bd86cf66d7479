import EventModel

/// A file of rules as it is written: its grammar is right, and nothing is looked up in schemas yet.
/// `docs/rules.md` has the grammar.
struct RuleFile: Equatable, Sendable {
  /// As errors name it.
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

/// One rule: on this trigger, where all conditions hold, send that command.
struct WrittenRule: Equatable, Sendable {
  /// Its place in the file, as errors name it: `rules[0]`.
  var place: String
  var line: Int
  var trigger = Trigger(type: "")
  var conditions: [WrittenCondition] = []
  /// The type of the command.
  var command = ""
  /// The domain that the command is for, and the root.
  var target = Target()
  /// The member of the aggregate that the command is for; nil: the root.
  var entity: Template?
  /// The command's fields.
  var fields: [WrittenField] = []
  /// Where each part stands, by its key.
  var lines: [String: Int] = [:]

  struct Target: Equatable, Sendable {
    var domain = Template()
    var root = Template()
  }

  func line(of key: String) -> Int { lines[key] ?? line }
}

/// A field, and what it must be.
struct WrittenCondition: Equatable, Sendable {
  enum Test: Equatable, Sendable {
    /// It is one of these.
    case equals([String])
    case over(String)
    case under(String)
    case present(Bool)
  }

  var reference: Reference
  var tests: [Test]
  var line: Int
}

/// A field of the command, and what it gets.
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
