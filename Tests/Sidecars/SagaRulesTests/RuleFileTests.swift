import Testing

@testable import SagaRules

/// The grammar of a file of rules.
@Suite struct RuleFileTests {
  private func read(_ yaml: String) -> (file: RuleFile, problems: [String]) {
    var reader = RuleFileReader(path: "r.yaml")
    reader.read(Array(yaml.utf8))
    return (reader.file, reader.problems.map(\.description))
  }

  @Test func ruleHasAllItsParts() throws {
    let (file, problems) = read(
      """
      schemas: {stock: stock.avsc}
      rules:
        - on: order/Placed
          where: {kind: [SALE, GIFT], count: {over: 1, under: 9}, buyer: {present: true}}
          send: Reserve
          to: stock/{item}
          entity: "shelf:{shelf}"
          with:
            count: "{count}"
            tags: [a, "{b}"]
            address: {city: "{city}"}
      """)
    #expect(problems.isEmpty)
    #expect(file.schemas == [.init(domain: "stock", path: "stock.avsc", line: 1)])
    let rule = try #require(file.rules.first)
    #expect(rule.trigger == Trigger(domain: "order", type: "Placed"))
    #expect(
      rule.conditions.map(\.tests) == [
        [.equals(["SALE", "GIFT"])], [.over("1"), .under("9")], [.present(true)],
      ])
    #expect(rule.command == "Reserve")
    #expect(rule.target.domain.literal == "stock")
    #expect(rule.target.root.reference == .field(["item"]))
    #expect(rule.entity?.parts.count == 2)
    #expect(rule.fields.map(\.name) == ["count", "tags", "address"])
    #expect(rule.fields.map(\.line) == [9, 10, 11])
  }

  @Test(arguments: [
    ("Reserve refused", Trigger(type: "Reserve", end: .refused)),
    ("stock/Reserve nothing-to-do", Trigger(domain: "stock", type: "Reserve", end: .nothingToDo)),
    ("order.Placed", Trigger(type: "order.Placed")),
  ])
  func triggerIsReadFromItsText(text: String, trigger: Trigger) {
    #expect(
      read("rules: [{on: \(text), send: A, to: b/c}]").file.rules.map(\.trigger) == [trigger])
  }

  @Test func rootIsBehindTheFirstSlash() throws {
    let (file, problems) = read(
      #"rules: [{on: A, send: B, to: "{d}-{e}/{f}/{g}/h"}]"#)
    #expect(problems.isEmpty)
    let target = try #require(file.rules.first).target
    #expect(target.domain == (try Template("{d}-{e}")))
    #expect(
      target.root.parts == [
        .reference(.field(["f"])), .text("/"), .reference(.field(["g"])), .text("/h"),
      ])
  }

  @Test(arguments: [
    ("", "rules (r.yaml:1): the file is empty; a list of rules is expected"),
    ("rules: []", "rules (r.yaml:1): there is no rule"),
    ("rules: 5", "rules (r.yaml:1): a single value is here; a list of rules is expected"),
    ("rule: []", #"rules (r.yaml:1): there is no "rule"; there are rules, schemas; did you mean"#),
    ("- on: A", "rules (r.yaml:1): a list is here; a section is expected"),
    ("rules: [a: {", "not valid YAML"),
    ("schemas: {a: [b]}\nrules: []", "schemas.a (r.yaml:1): a list is here; the path of a schema"),
    (
      "rules:\n  - on: A\n    send: B", "rules[0].to (r.yaml:2): it is missing; a rule has on, send"
    ),
    (
      "rules:\n  - on: A\n    sned: B\n    to: c/d",
      #"rules[0] (r.yaml:3): there is no "sned"; there are on, where, send, to, entity, with; did"#
    ),
    (
      "rules: [{on: A refusd, send: B, to: c/d}]",
      "not an end of a command; there are appended, not"
    ),
    ("rules: [{on: a/b/C, send: B, to: c/d}]", #"rules[0].on (r.yaml:1): "a/b/C" is refused"#),
    ("rules: [{on: A, send: B, to: c}]", "rules[0].to (r.yaml:1): DOMAIN/ROOT is expected"),
    ("rules: [{on: A, send: B, to: /c}]", "rules[0].to (r.yaml:1): DOMAIN/ROOT is expected"),
    ("rules: [{on: A, send: B, to: 'c/{d'}]", "rules[0].to (r.yaml:1): a { without a }"),
    ("rules: [{on: A, send: [B], to: c/d}]", "rules[0].send (r.yaml:1): a list is here; the type"),
    ("rules: [{on: A, send: B, to: c/d, with: [e]}]", "rules[0].with (r.yaml:1): a list is here"),
    (
      "rules: [{on: A, send: B, to: c/d, with: {e: {f}}}]",
      #"rules[0].with.e (r.yaml:1): put it in quotes: "{f}""#
    ),
    (
      "rules: [{on: A, send: B, to: c/d, where: {e: {above: 1}}}]",
      #"rules[0].where.e (r.yaml:1): there is no "above"; there are over, under, present"#
    ),
    (
      "rules: [{on: A, send: B, to: c/d, where: {e: {present: 1}}}]",
      #"rules[0].where.e.present (r.yaml:1): "1" is refused; allowed: true or false"#
    ),
    (
      "rules: [{on: A, send: B, to: c/d, where: {e: [{}]}}]",
      "rules[0].where.e (r.yaml:1): a list of single values is expected"
    ),
    ("rules: [{on: A, send: B, to: c/d, where: {$me: 1}}]", "rules[0].where.$me (r.yaml:1): there"),
  ])
  func mistakeHasItsPlace(yaml: String, problem: String) {
    let problems = read(yaml).problems
    #expect(problems.contains { $0.contains(problem) }, "\(problems)")
  }

  @Test func everyMistakeIsReportedAtOnce() {
    #expect(read("rules: [{on: A B C, send: {}, to: x}, {}]").problems.count == 6)
  }
}
