/// Why a process could not start or go on.
public struct SidecarError: Error, CustomStringConvertible, Sendable {
  /// What was wrong, where, and what to do.
  public let description: String

  public init(_ description: String) { self.description = description }
}
