import EventModel

/// Who may do what: the callers may call the methods on the domains. A call is allowed if one rule
/// allows it.
public struct PolicyRule: Sendable, Equatable {
  /// Names that callers proved; each may end in `*`, which stands for any rest.
  public var callers: [Name] = ["*"]
  /// `evented.EventQuery/GetEvents`; each may end in `*`.
  public var methods: [Name] = ["*"]
  /// Names of domains, or `*` alone for every one.
  public var domains: [Name] = ["*"]

  public init() {}
}

extension PolicyRule {
  func isFor(_ names: [Name]) -> Bool {
    // Whoever proved anything is somebody, also without a name.
    callers.contains("*")
      || callers.contains { pattern in names.contains { matches($0, pattern) } }
  }

  func isFor(method: Name) -> Bool { methods.contains { matches(method, $0) } }
}

/// Whether the text is the pattern, or begins with it up to the `*` at its end.
private func matches(_ text: Name, _ pattern: Name) -> Bool {
  guard pattern.utf8.last == UInt8(ascii: "*") else { return text == pattern }
  return text.utf8.starts(with: pattern.utf8.dropLast())
}
