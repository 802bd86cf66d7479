/// A failure outside of any call: of an address, or of a server's socket.
public struct TransportError: Error, Sendable {
  public enum Kind: Sendable {
    /// The text is not an address.
    case badAddress
    /// Another server listens there.
    case addressInUse
    /// The system refused to listen there.
    case cannotListen
    /// The file of a certificate, a key or authorities cannot be read.
    case unreadableFile
    /// A certificate, a key or a list of authorities cannot be used.
    case badCertificate
    /// The server has reached its limit of connections.
    case tooManyConnections
    /// The server was shut down.
    case shutDown
  }

  public let kind: Kind
  public let message: String
  /// The system's error.
  public let cause: (any Error)?

  package init(_ kind: Kind, _ message: String, cause: (any Error)? = nil) {
    self.kind = kind
    self.message = message
    self.cause = cause
  }

  static func badAddress(_ text: String, _ reason: String) -> TransportError {
    TransportError(.badAddress, "\"\(text)\" is not an address: \(reason)")
  }
}

extension TransportError: CustomStringConvertible {
  public var description: String { cause.map { "\(message): \(reason($0))" } ?? message }
}
