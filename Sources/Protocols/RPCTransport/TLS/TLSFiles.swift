import Files
import NIOCore
import NIOSSL

/// PEM files with one side's credentials and trusted authorities.
public struct TLSFiles: Sendable {
  /// The own certificate, and its intermediate ones; nil: none.
  public var certificate: String?
  /// The certificate's private key.
  public var key: String?
  /// Trusted CA certificates. A server with these demands a client certificate signed by one of
  /// them. A client without these trusts the system's.
  public var authorities: String?
  /// The least interval between checks of the files.
  public var checkInterval: Duration = .seconds(10)
  /// Called with the reason why changed files were not used.
  public var reloadFailed: @Sendable (String) -> Void = { _ in }

  public init(certificate: String? = nil, key: String? = nil, authorities: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.authorities = authorities
  }

  /// The TLS contexts, rebuilt when the files change.
  func contexts(
    forServer isServer: Bool,
    _ configuration: @escaping @Sendable (TLSContent) throws -> TLSConfiguration
  ) throws(TransportError) -> FileBackedValue<TLSContent, TLSContexts> {
    do {
      return try FileBackedValue(every: checkInterval) {
        try TLSContent(self)
      } make: { content in
        try TLSContexts(configuration(content), isServer: isServer)
      } failed: { failure in
        reloadFailed("the old certificate stays: \(self): \(failure)")
      }
    } catch {
      let kind: TransportError.Kind = error is FileError ? .unreadableFile : .badCertificate
      throw TransportError(kind, "TLS cannot be set up with \(self)", cause: error)
    }
  }
}

extension TLSFiles: CustomStringConvertible {
  public var description: String {
    [certificate, key, authorities].compactMap(\.self).joined(separator: ", ")
  }
}

/// A server's TLS: at least version 1.2, ALPN (RFC 7301), and, with authorities, only clients with
/// a certificate of theirs.
public struct ServerTLS: Sendable {
  private let contexts: FileBackedValue<TLSContent, TLSContexts>

  /// - Parameter protocols: the protocols by their ALPN names: HTTP/2 by default.
  ///
  /// Throws `TransportError` of kind `unreadableFile` or `badCertificate`.
  public init(_ files: TLSFiles, protocols: [String] = ["h2"]) throws(TransportError) {
    guard files.certificate != nil, files.key != nil else {
      throw TransportError(.badCertificate, "a server needs a certificate and its key")
    }
    contexts = try files.contexts(forServer: true) { content in
      guard let key = try content.privateKey() else { throw NIOSSLError.failedToLoadPrivateKey }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try content.chain(), privateKey: key)
      configuration.setCommon(protocols)
      if let roots = try content.trustRoots() {
        configuration.trustRoots = roots
        configuration.certificateVerification = .noHostnameVerification
      }
      return configuration
    }
  }

  /// Adds TLS to an accepted connection; call it on its loop, before it has other handlers.
  package func secure(_ channel: any Channel) throws {
    try channel.pipeline.syncOperations.addHandler(
      NIOSSLServerHandler(context: contexts.current().next()))
  }
}

/// A client's TLS: at least version 1.2, and only servers whose certificate an authority signed
/// for the called name.
public struct ClientTLS: Sendable {
  private let contexts: FileBackedValue<TLSContent, TLSContexts>
  private let serverName: String?

  /// - Parameters:
  ///   - serverName: the name that the server's certificate must have; nil: the target's host.
  ///   - protocols: the protocols by their ALPN names: HTTP/2 by default.
  ///
  /// Throws `TransportError` of kind `unreadableFile` or `badCertificate`.
  public init(
    _ files: TLSFiles = TLSFiles(), serverName: String? = nil, protocols: [String] = ["h2"]
  ) throws(TransportError) {
    self.serverName = serverName
    contexts = try files.contexts(forServer: false) { content in
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.certificateChain = try content.chain()
      configuration.privateKey = try content.privateKey()
      configuration.setCommon(protocols)
      configuration.trustRoots = try content.trustRoots()
      return configuration
    }
  }

  /// Adds TLS to a new connection; call it on its loop, before it has other handlers.
  package func secure(_ channel: any Channel, to target: Address) throws {
    try channel.pipeline.syncOperations.addHandler(handler(for: target))
  }

  private func handler(for target: Address) throws -> NIOSSLClientHandler {
    guard let name = name(of: target) else {
      return try NIOSSLClientHandler(context: contexts.current().next(), serverHostname: nil)
    }
    // NIOSSL also accepts a certificate for the resolved address; a forged DNS answer would pass.
    // Check the name.
    return try ._makeSSLClientHandler(context: contexts.current().next(), serverHostname: name) {
      certificate, channel in
      certificate.isFor(name)
        ? channel.eventLoop.makeSucceededVoidFuture()
        : channel.eventLoop.makeFailedFuture(
          TransportError(.badCertificate, "the server's certificate is not for \(name)"))
    }
  }

  /// An IP address is never sent as a name (RFC 6066 section 3), but the certificate must contain
  /// it.
  private func name(of target: Address) -> String? {
    if let serverName { return serverName }
    guard case .tcp(let host, _) = target else { return nil }
    let isIP = (try? SocketAddress(ipAddress: host, port: 0)) != nil
    return isIP ? nil : host
  }
}

extension TLSConfiguration {
  fileprivate mutating func setCommon(_ protocols: [String]) {
    minimumTLSVersion = .tlsv12
    applicationProtocols = protocols
    // A peer that does not answer close_notify must not keep us from closing.
    shutdownTimeout = .seconds(1)
  }
}
