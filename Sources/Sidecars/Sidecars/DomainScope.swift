import Names
import RPC
import Tracing

/// The domains that a call may access, as its admission says.
///
/// Task-local, so no service can forget to pass it on: all code that opens a domain checks it.
public enum DomainScope: Authority, Equatable {
  case all
  case only(Set<Name>)

  /// The scope of the current call. Without an authority: every domain; with an authority of
  /// another kind: none.
  public static var current: DomainScope { scope(of: Admission.authority) }

  public func contains(_ domain: Name) -> Bool {
    switch self {
    case .all: true
    case .only(let domains): domains.contains(domain)
    }
  }

  /// Throws PERMISSION_DENIED if this call may not access the domain.
  public static func require(_ domain: Name) throws(RPCStatus) {
    try current.require(domain)
  }

  /// The same for an admitted call, before its code runs.
  public static func require(_ domain: Name, of admission: Admission) throws(RPCStatus) {
    try scope(of: admission.authority).require(domain)
  }

  private static func scope(of authority: (any Authority)?) -> DomainScope {
    switch authority {
    case nil: .all
    case let scope as DomainScope: scope
    default: .only([])
    }
  }

  private func require(_ domain: Name) throws(RPCStatus) {
    guard !contains(domain) else { return }
    throw RPCStatus(.permissionDenied, "the caller may not do this to the domain \"\(domain)\"")
  }
}

extension Name {
  /// Notes that the current call accesses this domain, for its log line and span.
  func noteTouched() {
    CallNotes.current?.note("domain", text)
    Span.current?.set("outrider.domain", text)
  }
}
