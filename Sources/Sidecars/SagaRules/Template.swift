/// A text in which `{REFERENCE}` is replaced by a value. `{{` and `}}` are literal braces.
struct Template: Equatable, Sendable {
  enum Part: Equatable, Sendable {
    case text(String)
    case reference(Reference)
  }

  var parts: [Part] = []

  /// Throws the error in the text.
  init(_ text: String) throws(TemplateFlaw) {
    var literal = ""
    var rest = text[...]
    while let character = rest.first {
      rest.removeFirst()
      switch character {
      case "{", "}":
        if rest.first == character {
          rest.removeFirst()
          literal.append(character)
          continue
        }
        guard character == "{" else {
          throw TemplateFlaw("a } without a {; a brace itself is written twice: }}")
        }
        guard let end = rest.firstIndex(of: "}") else {
          throw TemplateFlaw("a { without a }; a brace itself is written twice: {{")
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        literal = ""
        parts.append(.reference(try Reference(String(rest[..<end]))))
        rest = rest[rest.index(after: end)...]
      default: literal.append(character)
      }
    }
    if !literal.isEmpty { parts.append(.text(literal)) }
  }

  init() {}

  init(parts: [Part]) { self.parts = parts }

  /// The reference, if it is the whole text; else nil.
  var reference: Reference? {
    guard parts.count == 1, case .reference(let reference) = parts[0] else { return nil }
    return reference
  }

  /// The text, if it has no reference; else nil.
  var literal: String? {
    switch parts.count {
    case 0: return ""
    case 1: if case .text(let text) = parts[0] { return text } else { return nil }
    default: return nil
    }
  }
}

/// A value that a rule takes from its trigger: a field of the payload, or a fact about the event
/// or ended command.
enum Reference: Hashable, Sendable, CustomStringConvertible {
  /// The names of fields, from the outermost inwards.
  case field([String])
  case fact(Fact)

  /// A fact outside the payload.
  enum Fact: String, CaseIterable, Sendable {
    /// The aggregate of the event or the ended command.
    case domain, root
    /// The member of the aggregate; empty: its root.
    case entity
    /// The sequence of the event.
    case sequence
    /// When the event happened, or the command ended (RFC 3339).
    case time
    /// The refusal of a command: its status message, and the name of its code.
    case message, code
  }

  /// Parses `payee.root` or `$root`.
  init(_ text: String) throws(TemplateFlaw) {
    if text.hasPrefix("$") {
      guard let fact = Fact(rawValue: String(text.dropFirst())) else {
        let facts = Fact.allCases.map { "$\($0.rawValue)" }.joined(separator: ", ")
        throw TemplateFlaw("there is no \(text); there are \(facts)")
      }
      self = .fact(fact)
      return
    }
    let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard names.allSatisfy({ !$0.isEmpty && !$0.contains(" ") && !$0.contains("{") }) else {
      throw TemplateFlaw("{\(text)} names no field; write {FIELD}, {FIELD.FIELD} or {$root}")
    }
    self = .field(names)
  }

  var description: String {
    switch self {
    case .field(let names): names.joined(separator: ".")
    case .fact(let fact): "$\(fact.rawValue)"
    }
  }
}

/// An error in a template.
struct TemplateFlaw: Error, Equatable {
  let description: String

  init(_ description: String) { self.description = description }
}
