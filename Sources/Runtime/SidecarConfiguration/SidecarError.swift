/// Why a process cannot start or continue.
public struct SidecarError: Error, CustomStringConvertible, Sendable {
  public enum Kind: Sendable {
    /// The configuration is wrong, or forbidden by strict security.
    case configuration
    /// The file of a setting cannot be read.
    case unreadableFile
    /// The file of a setting has the wrong content.
    case badFile
    /// The store, a port or a required server is unavailable.
    case unavailable
  }

  public let kind: Kind
  /// The error, its place, and the remedy.
  public let description: String

  public init(_ description: String, _ kind: Kind = .unavailable) {
    self.kind = kind
    self.description = description
  }
}
