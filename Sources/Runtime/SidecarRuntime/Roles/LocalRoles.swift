import SidecarConfiguration
import Synchronization

/// The roles that this process plays. A role finds another here, and calls its code instead of its
/// port.
final class LocalRoles: Sendable {
  let types: [any SidecarRole.Type]
  let names: Set<Role>
  /// Nil until all are made.
  private let played = Mutex<[any SidecarRole]?>(nil)

  init(_ types: [any SidecarRole.Type]) {
    self.types = types
    names = Set(types.map { $0.role })
  }

  /// Parts that the process opens for them.
  var needs: RoleNeeds { types.reduce([]) { $0.union($1.needs) } }

  /// The team's code that they call, each once for each purpose.
  func logic(in configuration: Configuration) -> [LogicUse] {
    distinct(types.flatMap { $0.logic(in: configuration) })
  }

  func contains(_ role: Role) -> Bool { names.contains(role) }

  /// Makes the roles known to each other.
  func play(_ roles: [any SidecarRole]) { played.withLock { $0 = roles } }

  /// The role; nil if this process does not play it. Traps while roles are being made.
  func find<Wanted: SidecarRole>(_ role: Wanted.Type) -> Wanted? {
    guard contains(role.role) else { return nil }
    return named(role.role) as? Wanted
  }

  /// One of the roles of this process. Traps while roles are being made.
  func named(_ role: Role) -> any SidecarRole {
    guard let roles = played.withLock(\.self) else {
      preconditionFailure("a role looks for another before all are made")
    }
    return roles.first { type(of: $0).role == role }!  // each of `names` has its role
  }
}
