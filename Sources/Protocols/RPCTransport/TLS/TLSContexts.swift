import NIOSSL

/// The contexts that connections of one configuration are made from.
///
/// Resuming a session checks no certificate again: it would let a client in whose certificate has
/// expired since, for as long as tickets are good. A session is known only to the context that it
/// began in, so a server that asks for certificates makes a context for each connection, and sees a
/// certificate in each handshake.
struct TLSContexts: Sendable {
  private let configuration: TLSConfiguration
  /// Nil: each connection gets its own.
  private let shared: NIOSSLContext?

  /// Throws if certificate and key cannot be used together.
  init(_ configuration: TLSConfiguration, isServer: Bool) throws {
    let context = try NIOSSLContext(configuration: configuration)
    let asksClients = isServer && configuration.certificateVerification != .none
    self.configuration = configuration
    shared = asksClients ? nil : context
  }

  /// The context for a new connection.
  func next() throws -> NIOSSLContext {
    try shared ?? NIOSSLContext(configuration: configuration)
  }
}
