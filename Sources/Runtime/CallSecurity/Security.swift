import Files
import Logging
import RPC
import RPCTransport
import ServiceLifecycle
import SidecarConfiguration

/// How this process's servers know their callers, and how it shows itself to other sidecars.
package struct Security: Sendable {
  /// Nil: connections are not secured.
  package let server: ServerTLS?
  /// For metrics and the gateway: the same certificates, within which HTTP/1.1 is spoken.
  package let web: ServerTLS?
  /// For STOMP: the same certificate. Clients need none of their own, and prove who they are with
  /// API keys.
  package let stomp: ServerTLS?
  /// What Eventuate's clients prove who they are with; nil: they need not.
  package let apiKeys: APIKeys?
  /// For calls to other sidecars; nil: not secured.
  package let client: ClientTLS?
  /// What this process shows to other sidecars; nil: nothing.
  package let peerToken: PeerToken?
  /// Decides on each call; nil: every one may run.
  package let admission: (any CallAdmission)?
  /// By which `admission` decides; nil as that.
  package let policy: PolicyGuard?
  /// What keeps the rest fresh, for as long as the process serves.
  package let services: [any ServiceLifecycle.Service]

  /// Throws `SidecarError` if a file cannot be used, or if the servers would be open to strangers
  /// and that is forbidden.
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
  /// A file of a setting that cannot be used, and why.
  package init(file setting: String, _ cause: any Error) {
    let isUnreadable = cause is FileError || (cause as? TransportError)?.kind == .unreadableFile
    self.init("\(setting): \(cause)", isUnreadable ? .unreadableFile : .badFile)
  }
}
