import NIOSSL

/// The TLS contexts of one configuration's connections.
///
/// Session resumption checks no certificate: it would admit a client whose certificate has expired
/// since. Sessions are bound to their context, so a server that demands certificates makes a
/// context for each connection, and sees a certificate in each handshake.
struct TLSContexts: Sendable {
  private let configuration: TLSConfiguration
  /// Nil: each connection gets its own.
  private let shared: NIOSSLContext?

  /// Throws if certificate and key do not fit together.
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
