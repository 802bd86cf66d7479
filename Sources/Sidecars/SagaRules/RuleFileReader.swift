import EventModel
import SidecarConfiguration

/// Parses a file of rules, and reports grammar errors with their lines.
struct RuleFileReader {
  private(set) var file: RuleFile
  private(set) var problems: [ConfigurationError.Problem] = []

  init(path: String) { file = RuleFile(path: path) }

  mutating func read(_ bytes: [UInt8]) {
    let root: YAMLNode?
    do throws(YAMLError) { root = try YAMLReader.read(bytes) } catch {
      return report("rules", error.line, error.message)
    }
    guard let root else {
      return report("rules", 1, "the file is empty; a list of rules is expected")
    }
    for entry in section(root, "rules", ["rules", "schemas"]) {
      switch entry.key {
      case "schemas": readSchemas(entry.value)
      default: readRules(entry.value)
      }
    }
    if file.rules.isEmpty, problems.isEmpty { report("rules", root.line, "there is no rule") }
  }

  private mutating func readSchemas(_ node: YAMLNode) {
    for entry in section(node, "schemas") {
      guard let path = text(entry.value, "schemas.\(entry.key)", "the path of a schema") else {
        continue
      }
      file.schemas.append(.init(domain: Name(entry.key), path: path, line: entry.line))
    }
  }

  private mutating func readRules(_ node: YAMLNode) {
    guard case .sequence(let items) = node.content else {
      return report("rules", node.line, "\(node.kind) is here; a list of rules is expected")
    }
    for (index, item) in items.enumerated() {
      file.rules.append(rule(item, "rules[\(index)]"))
    }
  }

  private mutating func rule(_ node: YAMLNode, _ place: String) -> WrittenRule {
    var rule = WrittenRule(place: place, line: node.line)
    let entries = section(node, place, ["on", "where", "send", "to", "entity", "with"])
    for entry in entries {
      let key = "\(place).\(entry.key)"
      rule.lines[entry.key] = entry.line
      switch entry.key {
      case "on": if let trigger = trigger(entry.value, key) { rule.trigger = trigger }
      case "where": rule.conditions = conditions(entry.value, key)
      case "send": rule.command = text(entry.value, key, "the type of a command") ?? ""
      case "to": if let target = target(entry.value, key) { rule.target = target }
      case "entity": rule.entity = template(entry.value, key, "TYPE:ID")
      default: rule.fields = fields(entry.value, key)
      }
    }
    for key in ["on", "send", "to"] where !entries.contains(where: { $0.key == key }) {
      report("\(place).\(key)", node.line, "it is missing; a rule has on, send and to")
    }
    return rule
  }

  private mutating func trigger(_ node: YAMLNode, _ key: String) -> Trigger? {
    guard let text = text(node, key, Trigger.allowed) else { return nil }
    do throws(RuleFlaw) { return try Trigger(text) } catch {
      report(key, node.line, error.description)
      return nil
    }
  }

  /// Parses `DOMAIN/ROOT`: all behind the first slash is the root.
  private mutating func target(_ node: YAMLNode, _ key: String) -> WrittenRule.Target? {
    guard let whole = template(node, key, "DOMAIN/ROOT") else { return nil }
    var target = WrittenRule.Target()
    for (index, part) in whole.parts.enumerated() {
      guard case .text(let text) = part, let slash = text.firstIndex(of: "/") else {
        target.domain.parts.append(part)
        continue
      }
      let (before, behind) = (text[..<slash], text[text.index(after: slash)...])
      if !before.isEmpty { target.domain.parts.append(.text(String(before))) }
      if !behind.isEmpty { target.root.parts.append(.text(String(behind))) }
      target.root.parts += whole.parts[(index + 1)...]
      break
    }
    guard !target.domain.parts.isEmpty, !target.root.parts.isEmpty else {
      report(key, node.line, "DOMAIN/ROOT is expected, such as savings/{payee}")
      return nil
    }
    return target
  }

  private mutating func conditions(_ node: YAMLNode, _ key: String) -> [WrittenCondition] {
    section(node, key).compactMap { entry in
      let key = "\(key).\(entry.key)"
      let reference: Reference
      do throws(TemplateFlaw) { reference = try Reference(entry.key) } catch {
        report(key, entry.line, error.description)
        return nil
      }
      guard let tests = tests(entry.value, key) else { return nil }
      return WrittenCondition(reference: reference, tests: tests, line: entry.line)
    }
  }

  private mutating func tests(_ node: YAMLNode, _ key: String) -> [WrittenCondition.Test]? {
    switch node.content {
    case .scalar(let text): return [.equals([text])]
    case .sequence(let items):
      let texts = items.compactMap { if case .scalar(let text) = $0.content { text } else { nil } }
      if !texts.isEmpty, texts.count == items.count { return [.equals(texts)] }
      report(key, node.line, "a list of single values is expected")
      return nil
    case .mapping:
      return section(node, key, ["over", "under", "present"]).compactMap { entry in
        let key = "\(key).\(entry.key)"
        guard let text = text(entry.value, key, "a single value") else { return nil }
        switch (entry.key, text) {
        case ("over", _): return .over(text)
        case ("under", _): return .under(text)
        case (_, "true"): return .present(true)
        case (_, "false"): return .present(false)
        default:
          report(key, entry.line, "\(quoted(text)) is refused; allowed: true or false")
          return nil
        }
      }
    }
  }

  private mutating func fields(_ node: YAMLNode, _ key: String) -> [WrittenField] {
    section(node, key).compactMap { entry in
      value(entry.value, "\(key).\(entry.key)").map {
        WrittenField(name: entry.key, line: entry.line, value: $0)
      }
    }
  }

  private mutating func value(_ node: YAMLNode, _ key: String) -> WrittenValue? {
    switch node.content {
    case .scalar: return template(node, key, "a value").map { .template($0) }
    case .sequence(let items):
      return .list(
        items.enumerated().compactMap { index, item in value(item, "\(key)[\(index)]") })
    case .mapping(let entries):
      // YAML reads this as a section.
      if entries.count == 1, entries[0].value.content == .scalar("") {
        report(key, node.line, "put it in quotes: \"{\(shortened(entries[0].key))}\"")
        return nil
      }
      return .section(fields(node, key))
    }
  }

  // MARK: Structure

  /// The entries of a section. Reports unknown ones and leaves them out.
  private mutating func section(
    _ node: YAMLNode, _ key: String, _ known: [String]? = nil
  ) -> [YAMLNode.Entry] {
    guard case .mapping(let entries) = node.content else {
      if node.content != .scalar("") {
        report(key, node.line, "\(node.kind) is here; a section is expected")
      }
      return []
    }
    guard let known else { return entries }
    return entries.filter { entry in
      if known.contains(entry.key) { return true }
      let guess = nearest(to: entry.key, in: known).map { "; did you mean \($0)?" } ?? ""
      report(
        key, entry.line,
        "there is no \(quoted(entry.key)); there are \(known.joined(separator: ", "))\(guess)")
      return false
    }
  }

  private mutating func text(_ node: YAMLNode, _ key: String, _ expected: String) -> String? {
    if case .scalar(let text) = node.content, !text.isEmpty { return text }
    report(key, node.line, "\(node.kind) is here; \(expected) is expected")
    return nil
  }

  private mutating func template(
    _ node: YAMLNode, _ key: String, _ expected: String
  ) -> Template? {
    guard case .scalar(let text) = node.content else {
      report(key, node.line, "\(node.kind) is here; \(expected) is expected")
      return nil
    }
    do throws(TemplateFlaw) { return try Template(text) } catch {
      report(key, node.line, error.description)
      return nil
    }
  }

  private mutating func report(_ key: String, _ line: Int, _ message: String) {
    problems.append(
      .init(key: key, source: .file(path: file.path, line: line), message: message))
  }
}
