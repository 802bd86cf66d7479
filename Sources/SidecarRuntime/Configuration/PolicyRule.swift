/// Who may do what: the callers may call the methods on the domains. A call is allowed if one rule
/// allows it.
public struct PolicyRule: Sendable, Equatable {
  /// Names that callers proved; each may end in `*`, which stands for any rest.
  public var callers = ["*"]
  /// `evented.EventQuery/GetEvents`; each may end in `*`.
  public var methods = ["*"]
  /// Names of domains, or `*` alone for every one.
  public var domains = ["*"]

  public init() {}
}

extension PolicyRule {
  func isFor(_ names: [String]) -> Bool {
    // Whoever proved anything is somebody, also without a name.
    callers.contains("*")
      || callers.contains { pattern in names.contains { matches($0, pattern) } }
  }

  func isFor(method: String) -> Bool { methods.contains { matches(method, $0) } }
}

/// Whether the text is the pattern, or begins with it up to the `*` at its end.
private func matches(_ text: String, _ pattern: String) -> Bool {
  guard pattern.hasSuffix("*") else { return text == pattern }
  return text.utf8.starts(with: pattern.utf8.dropLast())
}
