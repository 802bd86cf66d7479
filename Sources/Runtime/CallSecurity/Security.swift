import Files
import Logging
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration

/// Authentication of callers, and this process's own credentials.
package struct Security: Sendable {
  /// Nil: without TLS.
  package let server: ServerTLS?
  /// For metrics and the gateway: the same certificates, with HTTP/1.1.
  package let web: ServerTLS?
  /// For STOMP: the same certificate. Clients need no certificate; they authenticate by API keys.
  package let stomp: ServerTLS?
  /// The API keys of Eventuate's clients; nil: they need none.
  package let apiKeys: APIKeys?
  /// TLS for calls to other sidecars; nil: without TLS.
  package let client: ClientTLS?
  /// The token for calls to other sidecars; nil: none.
  package let peerToken: PeerToken?
  /// Decides on each call; nil: all are admitted.
  package let admission: (any CallAdmission)?
  /// The policy of `admission`; nil if that is nil.
  package let policy: PolicyGuard?
  /// Services that keep the rest fresh while the process serves.
  package let services: [any ServiceLifecycle.Service]

  /// Throws `SidecarError` if a file cannot be used, or if strict security forbids servers that
  /// are open to the network.
  package init(_ configuration: Configuration, _ logger: Logger) throws(SidecarError) {
    for exposure in configuration.exposures {
      guard !configuration.security.strict else {
        throw SidecarError("\(exposure), which strict security forbids", .configuration)
      }
      logger.warning("\(exposure). See docs/security.md")
    }
    let tls = configuration.tls
    do throws(TransportError) {
      if tls.certificate == nil {
        (server, web, stomp) = (nil, nil, nil)
      } else {
        let files = TLSFiles(tls, trusting: tls.clientAuthorities, logger)
        server = try ServerTLS(files)
        web = try ServerTLS(files, protocols: ["http/1.1"])
        stomp = try ServerTLS(TLSFiles(tls, trusting: nil, logger), protocols: [])
      }
      client =
        tls.peerAuthorities == nil
        ? nil : try ClientTLS(.init(tls, trusting: tls.peerAuthorities, logger))
    } catch {
      throw SidecarError(file: "tls", error)
    }
    peerToken = try configuration.tokens.peerFile.map { (path) throws(SidecarError) in
      try PeerToken(path, logger)
    }
    apiKeys =
      try configuration.eventuate.enabled
      ? configuration.eventuate.apiKeys.map { (path) throws(SidecarError) in
        try APIKeys(path, logger)
      } : nil
    var tokens: TokenGuard?
    var services: [any ServiceLifecycle.Service] = []
    switch configuration.tokens.keys {
    case .file(let path)?:
      tokens = TokenGuard(supply: try FileKeys(path, configuration.tokens, logger))
    case .web(let address)?:
      let keys = try DownloadedKeys(address, configuration.tokens, logger)
      tokens = TokenGuard(supply: keys)
      services.append(keys)
    case nil: break
    }
    let policy =
      configuration.knowsCallers ? PolicyGuard(policy: configuration.checkedPolicy) : nil
    admission = policy.map { [tokens] in CallGuard(tokens: tokens, policy: $0) }
    self.policy = policy
    self.services = services
  }
}

extension TLSFiles {
  fileprivate init(_ tls: Configuration.TLS, trusting authorities: String?, _ logger: Logger) {
    self.init(certificate: tls.certificate, key: tls.key, authorities: authorities)
    reloadFailed = { logger.warning("\($0)") }
  }
}

extension SidecarError {
  /// The file of a setting cannot be used, and why.
  package init(file setting: String, _ cause: any Error) {
    let isUnreadable = cause is FileError || (cause as? TransportError)?.kind == .unreadableFile
    self.init("\(setting): \(cause)", isUnreadable ? .unreadableFile : .badFile)
  }
}
