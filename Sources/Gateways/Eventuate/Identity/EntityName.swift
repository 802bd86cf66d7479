import EventModel
import Wire

/// Identifies an aggregate in Eventuate's terms: a type in a space, and an id.
///
/// An id of the canonical form is a root's 16 bytes. Any other text maps to a root by
/// `Root(named:)`, and is stored with each commit.
struct EntityName: Equatable, Sendable {
  let type: EntityType
  let id: String
  let root: Root

  var cover: Cover { Cover(domain: type.domain, root: root) }

  /// The id, if it cannot be derived from the root.
  var idToKeep: String? { EventuateID(root).description == id ? nil : id }

  /// Throws 400 for an id that is empty or too long.
  init(_ type: EntityType, id: String) throws(EventuateFailure) {
    let number = EventuateID(id).flatMap { $0.description == id ? $0 : nil }
    guard let root = number?.root ?? Root(named: id) else {
      throw .malformed("entityId must have 1 to \(FieldLimits.rootNameByteCount) bytes")
    }
    self.type = type
    self.id = id
    self.root = root
  }

  init(_ type: EntityType, root: Root) {
    self.type = type
    self.root = root
    id = EventuateID(root).description
  }
}

/// Maps to a domain: `space/type`, or the type alone in the space `default`.
struct EntityType: Hashable, Sendable {
  static let defaultSpace = "default"

  let space: String
  let type: String

  /// Throws 400 for names that no domain can have.
  init(_ type: String, in space: String?) throws(EventuateFailure) {
    let space = space.flatMap { $0.isEmpty ? nil : $0 } ?? Self.defaultSpace
    for (what, name) in [("the space", space), ("the entity type", type)] {
      guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/")) else {
        throw .malformed("\(what) must not be empty or hold a slash, got \"\(name.prefix(100))\"")
      }
      guard !name.hasPrefix("$") else {
        throw .malformed("\(what) must not begin with $, got \"\(name.prefix(100))\"")
      }
    }
    guard space.utf8.count + type.utf8.count < FieldLimits.domainByteCount else {
      throw .malformed(
        "space and entity type have \(space.utf8.count + type.utf8.count) bytes together, but may "
          + "have \(FieldLimits.domainByteCount - 1)")
    }
    self.space = space
    self.type = type
  }

  var domain: Name { space == Self.defaultSpace ? Name(type) : "\(space)/\(type)" }
}
