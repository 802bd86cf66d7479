/// A text in which `{REFERENCE}` stands for a value. `{{` and `}}` stand for braces.
struct Template: Equatable, Sendable {
  enum Part: Equatable, Sendable {
    case text(String)
    case reference(Reference)
  }

  var parts: [Part] = []

  /// Throws what is wrong with the text.
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

  /// The value that the whole text stands for; nil: it is more than one reference.
  var reference: Reference? {
    guard parts.count == 1, case .reference(let reference) = parts[0] else { return nil }
    return reference
  }

  /// The text, where there is no reference in it.
  var literal: String? {
    switch parts.count {
    case 0: return ""
    case 1: if case .text(let text) = parts[0] { return text } else { return nil }
    default: return nil
    }
  }
}

/// What a rule takes from its trigger: a field of the event or the ended command, or a fact about
/// it.
enum Reference: Hashable, Sendable, CustomStringConvertible {
  /// The names of fields, each within the one before.
  case field([String])
  case fact(Fact)

  /// What is known beside the payload.
  enum Fact: String, CaseIterable, Sendable {
    /// The aggregate of the event, or of the command that ended.
    case domain, root
    /// The member of the aggregate; empty: its root.
    case entity
    /// The number of the event.
    case sequence
    /// When the event happened, or the command ended (RFC 3339).
    case time
    /// Why a command was refused: the status message, and the name of its code.
    case message, code
  }

  /// `payee.root`, or `$root`.
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

/// Why a text is no template.
struct TemplateFlaw: Error, Equatable {
  let description: String

  init(_ description: String) { self.description = description }
}
