import EventModel
import SidecarConfiguration

/// The trigger of a rule: an event, or the end of a command that a rule sent.
struct Trigger: Equatable, Sendable {
  /// How a command ended, by the names of the wire contract.
  enum End: String, CaseIterable, Sendable {
    case appended
    case nothingToDo = "nothing-to-do"
    case refused
  }

  /// Nil: every domain that has the type.
  var domain: Name?
  /// The full name of the event's or command's type, or the last part.
  var type: String
  /// Nil: it is an event.
  var end: End?
}

extension Trigger {
  static let allowed = "an event's TYPE or DOMAIN/TYPE, or a command's with the way it ended"

  /// Parses `TYPE` or `DOMAIN/TYPE`, with an end behind a blank. Throws what is allowed.
  init(_ text: String) throws(RuleFlaw) {
    let words = text.split(separator: " ").map(String.init)
    let names = (words.first ?? "").split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(words.count), (1...2).contains(names.count),
      names.allSatisfy({ !$0.isEmpty })
    else { throw RuleFlaw("\(quoted(text)) is refused; allowed: \(Self.allowed)") }
    self.init(
      domain: names.count == 2 ? Name(String(names[0])) : nil,
      type: String(names[names.count - 1]))
    guard words.count == 2 else { return }
    end = End(rawValue: words[1])
    guard end == nil else { return }
    let known = End.allCases.map(\.rawValue)
    let guess = nearest(to: words[1], in: known).map { "; did you mean \($0)?" } ?? ""
    throw RuleFlaw(
      "\(quoted(words[1])) is not an end of a command; there are \(listed(known))\(guess)")
  }
}
