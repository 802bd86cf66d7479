import EventModel

/// Who may do what: the callers may call the methods on the domains. A call is allowed if one rule
/// allows it.
public struct PolicyRule: Sendable, Equatable {
  /// Names that callers proved, as `CallerPattern` reads them; each may end in `*`, which stands
  /// for any rest.
  public var callers: [Name] = ["*"]
  /// `evented.EventQuery/GetEvents`; each may end in `*`.
  public var methods: [Name] = ["*"]
  /// Names of domains, or `*` alone for every one.
  public var domains: [Name] = ["*"]

  public init() {}
}
