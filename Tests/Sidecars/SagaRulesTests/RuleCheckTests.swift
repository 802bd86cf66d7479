import Testing

@testable import SagaRules

/// Rules against schemas: what is not there, or does not fit, is told before anything runs.
@Suite struct RuleCheckTests {
  /// A rule that is right but for the parts that are given.
  private func problems(
    on: String = "Placed", where conditions: String = "{}", send: String = "Reserve",
    to: String = "stock/{item}",
    with fields: String = "{count: '{count}', order: '{$root}', buyer: '{buyer}'}",
    and more: String = ""
  ) -> [String] {
    Shop.problems(
      """
      rules:
        - on: \(on)
          where: \(conditions)
          send: \(send)
          to: "\(to)"
          with: \(fields)
      \(more)
      """)
  }

  @Test func ruleThatFitsHasNoProblems() {
    #expect(problems().isEmpty)
    #expect(problems(on: "order/order.Placed", send: "stock.Reserve").isEmpty)
  }

  @Test(arguments: [
    (
      "Placd",
      #"the schema of order, or of payment has no type "Placd"; did you mean Placed?"#
    ),
    ("order/Zebra", #"the schema of order has no type "Zebra"; there are Address, Placed, Cancel"#),
    ("stock/Reserve", "the saga does not follow stock: add it to its `domains`"),
    ("Placed refused", "no rule sends Placed, so none hears how it ended"),
    ("moon/Placed appended", "nothing describes the payloads of moon; name the file in `schemas`"),
  ])
  func triggerMustExist(on: String, problem: String) {
    #expect(
      problems(on: on).contains { $0.hasPrefix("rules[0].on (shop.yaml:2): \(problem)") },
      "\(problems(on: on))")
  }

  @Test(arguments: [
    ("Reserv", "stock/{item}", #"the schema of stock has no type "Reserv"; did you mean Reserve?"#),
    ("Reserve", "moon/{item}", "nothing describes the payloads of moon"),
    ("Reserve", "{$domain}/{item}", #"the schema of order has no type "Reserve"; there are"#),
    ("Ship", "{item}/{item}", "the schema of order, or of payment, or of stock has no type"),
  ])
  func commandMustExist(send: String, to: String, problem: String) {
    let problems = problems(send: send, to: to)
    #expect(
      problems.contains { $0.hasPrefix("rules[0].send (shop.yaml:4): \(problem)") }, "\(problems)")
  }

  @Test(arguments: [
    ("stock/{itme}", #"order.Placed has no field "itme"; did you mean item?"#),
    ("stock/{item.name}", "item is a string, which has no field name"),
    ("stock/{address.town}", #"order.Address has no field "town"; there are city, floor"#),
    ("stock/{address}", "{address} is a record order.Address, which cannot be part of a text"),
    ("stock/x-{token}", "{token} is bytes, which cannot be part of a text"),
    ("stock/{$message}", "there is no $message of an event"),
  ])
  func targetMustBeText(to: String, problem: String) {
    #expect(
      problems(to: to).contains("rules[0].to (shop.yaml:5): \(problem)"), "\(problems(to: to))")
  }

  @Test func bytesMayNameAnAggregate() {
    #expect(problems(to: "stock/{token}").isEmpty)
  }

  @Test(arguments: [
    ("{cout: 1}", "cout", #"order.Placed has no field "cout"; did you mean count?"#),
    ("{count: many}", "count", #""many" is here, and a whole number from -2147483648"#),
    ("{count: 3000000000}", "count", #""3000000000" is here, and a whole number"#),
    ("{kind: RENT}", "kind", #""RENT" is here, and one of SALE, GIFT is expected"#),
    ("{express: 'yes'}", "express", #""yes" is here, and true or false is expected"#),
    ("{token: x}", "token", "it is bytes, which cannot be compared"),
    ("{item: {over: 1}}", "item", "over and under compare numbers, and it is a string"),
    ("{item: {present: true}}", "item", "it is always there; leave `present` out"),
  ])
  func conditionMustFitItsField(conditions: String, field: String, problem: String) {
    let problems = problems(where: conditions)
    #expect(
      problems.contains { $0.hasPrefix("rules[0].where.\(field) (shop.yaml:3): \(problem)") },
      "\(problems)")
  }

  @Test(arguments: [
    ("{count: '{count}', order: x}", "with", "stock.Reserve needs the field buyer, a string, or"),
    ("{}", "with", "stock.Reserve needs the field count, a whole number from"),
    ("{price: 1}", "with.price", #"stock.Reserve has no field "price"; there are count, order"#),
    ("{count: '{item}'}", "with.count", "{item}: it is a string, and a whole number from"),
    ("{count: two}", "with.count", #""two" is here, and a whole number from"#),
    ("{count: 'n{count}'}", "with.count", "a text is here, and a whole number from"),
    ("{count: [1]}", "with.count", "a list is here, and a whole number from"),
    ("{count: {a: 1}}", "with.count", "a section is here, and a whole number from"),
    ("{small: '{cents}'}", "with.small", "{cents}: it is a whole number from -9223372036854775808"),
    ("{order: '{buyer}'}", "with.order", "{buyer} may be missing, and the field is required; add"),
    ("{order: '{labels.color}'}", "with.order", "{labels.color} may be missing, and the field"),
    ("{order: '{tags}'}", "with.order", "{tags}: it is a list (each a string), and a string is"),
    ("{tags: ['{count}']}", "with.tags[0]", "{count}: it is a whole number"),
    ("{labels: {a: {b: 1}}}", "with.labels.a", "a section is here, and a string is expected"),
    ("{address: {city: x}}", "with.address", "stock.Address needs the field floor, a whole number"),
    ("{address: {town: x}}", "with.address.town", #"stock.Address has no field "town"; there are"#),
    ("{root: '{token}'}", "with.root", ""),
  ])
  func fieldMustFitItsValue(fields: String, place: String, problem: String) {
    let problems = problems(with: fields)
    let found = problems.contains { $0.hasPrefix("rules[0].\(place) (shop.yaml:6): \(problem)") }
    // Bytes may be as many as are expected.
    #expect(found == !problem.isEmpty, "\(problems)")
  }

  @Test func conditionMakesSureOfAField() {
    let fields = "{count: 1, order: '{buyer}', buyer: null}"
    #expect(problems(where: "{buyer: {present: true}}", with: fields).isEmpty)
    #expect(problems(where: "{buyer: Ann}", with: fields).isEmpty)
    #expect(problems(where: "{buyer: {present: false}}", with: fields).count == 1)
  }

  @Test func endOfACommandHasTheCommandsFields() {
    let refused = """
        - on: Reserve refused
          send: Cancel
          to: order/{order}
          with: {why: "{$code} of {count}: {$message}"}
      """
    #expect(problems(and: refused).isEmpty)
    let appended = refused.split(separator: "refused").joined(separator: "appended")
    #expect(
      problems(and: appended) == [
        "rules[1].with.why (shop.yaml:10): there is no $code of a command that ended appended"
      ])
  }

  @Test func protobufNeedsNoField() {
    #expect(problems(send: "Charge", to: "payment/{item}", with: "{cents: '{cents}'}").isEmpty)
    #expect(problems(send: "Charge", to: "payment/{item}", with: "{orderRoot: '{$root}'}").isEmpty)
    #expect(
      problems(send: "Charge", to: "payment/{item}", with: "{order_root: '{item}'}") == [
        "rules[0].with.order_root (shop.yaml:6): {item}: it is a string, and bytes is expected"
      ])
  }
}
