/// Why a process could not start or go on.
public struct SidecarError: Error, CustomStringConvertible, Sendable {
  public enum Kind: Sendable {
    /// The settings forbid what they ask for.
    case configuration
    /// A file that a setting names cannot be read.
    case unreadableFile
    /// A file that a setting names holds something else.
    case badFile
    /// The store, a port or a server that is needed is not to be had.
    case unavailable
  }

  public let kind: Kind
  /// What was wrong, where, and what to do.
  public let description: String

  public init(_ description: String, _ kind: Kind = .unavailable) {
    self.kind = kind
    self.description = description
  }
}
