/// A method's name: its service's full name, with the package, and its own.
public struct Method: Sendable, Hashable {
  public let service: String
  public let name: String
  /// The value of `:path` (gRPC, `doc/PROTOCOL-HTTP2.md`, Path): "/package.Service/Method".
  ///
  /// Stored, since each call sends it.
  public let path: String

  public init(service: String, name: String) {
    self.service = service
    self.name = name
    path = "/\(service)/\(name)"
  }
}

extension Method: CustomStringConvertible {
  public var description: String { path }
}
