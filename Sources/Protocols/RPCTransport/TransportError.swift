/// What can go wrong outside of any call: an address, or a socket of the server's.
public struct TransportError: Error, Sendable {
  public enum Kind: Sendable {
    /// The text is no address: the caller's mistake.
    case badAddress
    /// Somebody else listens there.
    case addressInUse
    /// The system did not let us listen there.
    case cannotListen
    /// The file of a certificate, a key or authorities cannot be read.
    case unreadableFile
    /// A certificate, a key or a list of authorities cannot be used.
    case badCertificate
    /// The server has as many connections as it may have.
    case tooManyConnections
    /// The server was shut down.
    case shutDown
  }

  public let kind: Kind
  public let message: String
  /// What the system said.
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
