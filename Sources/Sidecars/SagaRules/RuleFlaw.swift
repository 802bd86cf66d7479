import SidecarConfiguration

/// An error in a part of a rule or in its input; the text has no full stop.
public struct RuleFlaw: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  /// An unknown name, with the likely one, or with all known ones.
  init(unknown name: String, kind: String, of owner: String, known: [String]) {
    let said = "\(owner) has no \(kind) \(quoted(name))"
    if let guess = nearest(to: name, in: known) {
      description = "\(said); did you mean \(guess)?"
    } else {
      description = known.isEmpty ? said : "\(said); there are \(listed(known))"
    }
  }
}

/// Lists names for a message, at most a few.
func listed(_ names: [String]) -> String {
  let shown = names.prefix(20).joined(separator: ", ")
  return names.count > 20 ? "\(shown), …" : shown
}
