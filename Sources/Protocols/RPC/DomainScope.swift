import Names

/// The domains that the call may touch within which the code runs.
///
/// It goes with the task, so that no service can forget to hand it on: whoever opens a domain asks.
public enum DomainScope: Sendable, Equatable {
  case all
  case only(Set<Name>)

  /// An interceptor narrows it around a call.
  @TaskLocal public static var current = DomainScope.all

  public func contains(_ domain: Name) -> Bool {
    switch self {
    case .all: true
    case .only(let domains): domains.contains(domain)
    }
  }

  /// Throws PERMISSION_DENIED if this call may not touch the domain.
  public static func require(_ domain: Name) throws(RPCStatus) {
    guard !current.contains(domain) else { return }
    throw RPCStatus(.permissionDenied, "the caller may not do this to the domain \"\(domain)\"")
  }
}
