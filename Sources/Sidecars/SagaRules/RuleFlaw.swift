import SidecarConfiguration

/// What is wrong with a part of a rule, or with what it is to be used on; without a full stop.
public struct RuleFlaw: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  /// A name that is not known, with the one that was probably meant, or with all of them.
  init(unknown name: String, kind: String, of owner: String, known: [String]) {
    let said = "\(owner) has no \(kind) \(quoted(name))"
    if let guess = nearest(to: name, in: known) {
      description = "\(said); did you mean \(guess)?"
    } else {
      description = known.isEmpty ? said : "\(said); there are \(listed(known))"
    }
  }
}

/// Names for a message: not too many.
func listed(_ names: [String]) -> String {
  let shown = names.prefix(20).joined(separator: ", ")
  return names.count > 20 ? "\(shown), …" : shown
}
