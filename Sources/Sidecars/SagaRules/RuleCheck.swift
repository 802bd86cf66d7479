import EventModel
import JSON
import SidecarConfiguration
import Sidecars

/// Resolves all names of a file of rules in the schemas of domains, and reports what is missing or
/// does not fit.
struct RuleCheck {
  private let file: RuleFile
  /// The domains whose events the saga takes.
  private let followed: [Name]
  private let schemas: [Name: DomainSchema]
  private(set) var rules: [Rule.Key: [Rule]] = [:]
  private(set) var problems: [ConfigurationError.Problem] = []

  init(_ file: RuleFile, following followed: [Name], schemas: [Name: DomainSchema]) {
    self.file = file
    self.followed = followed
    self.schemas = schemas
    for rule in file.rules {
      for key in keys(of: rule) { check(rule, for: key) }
    }
  }

  // MARK: Triggers

  private mutating func keys(of rule: WrittenRule) -> [Rule.Key] {
    let trigger = rule.trigger
    let domains: [Name]
    if let domain = trigger.domain {
      if trigger.end == nil, !followed.contains(domain) {
        report(rule, "on", RuleFlaw("the saga does not follow \(domain): add it to its `domains`"))
        return []
      }
      domains = [domain]
    } else {
      domains = trigger.end == nil ? followed : schemas.keys.sorted()
    }
    let keys = types(named: trigger.type, in: domains, rule, "on").map {
      Rule.Key(domain: $0.domain, type: $0.type, end: trigger.end)
    }
    guard trigger.end != nil else { return keys }
    let sent = keys.filter { key in
      file.rules.contains { schemas[key.domain]?.payload(named: $0.command) == key.type }
    }
    if sent.isEmpty, !keys.isEmpty {
      report(rule, "on", RuleFlaw("no rule sends \(trigger.type), so none hears how it ended"))
    }
    return sent
  }

  /// The named type in each domain that has it. Reports it if none has.
  private mutating func types(
    named name: String, in domains: [Name], _ rule: WrittenRule, _ key: String
  ) -> [(domain: Name, type: String)] {
    let known = domains.filter { schemas[$0] != nil }
    guard !known.isEmpty else {
      report(rule, key, .noSchema(of: domains))
      return []
    }
    let found = known.compactMap { domain in
      schemas[domain]?.payload(named: name).map { (domain, $0) }
    }
    if found.isEmpty {
      let names = known.flatMap { schemas[$0]?.payloadNames ?? [] }
      let owner = "the schema of \(known.map(\.text).joined(separator: ", or of "))"
      let known = distinct(name.contains(".") ? names : names.map(lastPart))
      report(rule, key, RuleFlaw(unknown: name, kind: "type", of: owner, known: known))
    }
    return found
  }

  // MARK: Commands

  private mutating func check(_ rule: WrittenRule, for key: Rule.Key) {
    guard let schema = schemas[key.domain] else { return }
    var finder = ReferenceFinder(key, in: schema)
    var conditions: [Condition] = []
    for written in rule.conditions {
      attempt(rule, "where.\(written.reference)", line: written.line) { () throws(RuleFlaw) in
        conditions.append(try finder.find(written))
      }
    }
    for condition in conditions { finder.trust(condition) }
    var domain: FoundText?
    var root: FoundText?
    var entity: FoundText?
    attempt(rule, "to") { () throws(RuleFlaw) in
      domain = try finder.find(rule.target.domain)
      root = try finder.find(root: rule.target.root)
    }
    attempt(rule, "entity") { () throws(RuleFlaw) in
      if let template = rule.entity { entity = try finder.find(template) }
    }
    let forms = forms(of: rule, finder)
    guard let domain, let root else { return }
    rules[key, default: []].append(
      Rule(
        name: rule.place, conditions: conditions, domain: domain, root: root, entity: entity,
        forms: forms))
  }

  /// The command for each domain that it may be sent to.
  private mutating func forms(
    of rule: WrittenRule, _ finder: ReferenceFinder
  ) -> [Name: Rule.CommandForm] {
    let domains: [Name]
    if let literal = rule.target.domain.literal {
      domains = [Name(literal)]
    } else if rule.target.domain.reference == .fact(.domain) {
      domains = [finder.key.domain]
    } else {
      domains = schemas.keys.sorted()
    }
    var forms: [Name: Rule.CommandForm] = [:]
    for (domain, type) in types(named: rule.command, in: domains, rule, "send") {
      guard let schema = schemas[domain] else { continue }
      var check = CommandCheck(finder, to: schema)
      let value = check.record(
        type, rule.fields, key: "with", line: rule.lines["with"] ?? rule.line(of: "send"))
      forms[domain] = Rule.CommandForm(type: type, value: value)
      for problem in check.problems {
        report(rule, problem.key, problem.flaw, line: problem.line)
      }
    }
    return forms
  }

  // MARK: Problems

  private mutating func attempt(
    _ rule: WrittenRule, _ key: String, line: Int? = nil, _ body: () throws(RuleFlaw) -> Void
  ) {
    do throws(RuleFlaw) { try body() } catch { report(rule, key, error, line: line) }
  }

  /// Reports a problem once, even if several domains have it.
  private mutating func report(
    _ rule: WrittenRule, _ key: String, _ flaw: RuleFlaw, line: Int? = nil
  ) {
    let problem = ConfigurationError.Problem(
      key: "\(rule.place).\(key)",
      source: .file(path: file.path, line: line ?? rule.line(of: key)), message: flaw.description)
    if !problems.contains(problem) { problems.append(problem) }
  }
}

extension RuleFlaw {
  static func noSchema(of domains: [Name]) -> RuleFlaw {
    guard !domains.isEmpty else {
      return RuleFlaw("no domain has a schema; name one in `schemas`, or set schema.file")
    }
    return RuleFlaw(
      "nothing describes the payloads of \(listed(domains.map(\.text))); "
        + "name the file in `schemas`, or set the domain's schema.file or descriptors")
  }
}

/// `TransferSent` of `savings.TransferSent`.
private func lastPart(_ name: String) -> String {
  name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
}
