/// Identifies one aggregate of one domain.
public struct Cover: Hashable, Sendable, CustomStringConvertible {
  /// The bounded context, such as `bank`. Never empty.
  public let domain: Name
  /// The aggregate's identity.
  public let root: Root

  public init(domain: Name, root: Root) {
    self.domain = domain
    self.root = root
  }

  public var description: String { "\(domain)/\(root)" }
}
