import Logging
import RPC
import RPCTransport
import ServiceLifecycle

/// How this process's servers know their callers, and how it shows itself to other sidecars.
struct Security: Sendable {
  /// Nil: connections are not secured.
  let server: ServerTLS?
  /// For those who ask for metrics: the same certificates, within which HTTP/1.1 is spoken.
  let metrics: ServerTLS?
  /// For calls to other sidecars; nil: not secured.
  let client: ClientTLS?
  /// What this process shows to other sidecars; nil: nothing.
  let peerToken: PeerToken?
  /// Decides on each call; nil: every one may run.
  let admission: (any CallAdmission)?
  /// What keeps the rest fresh, for as long as the process serves.
  let services: [any ServiceLifecycle.Service]

  /// Throws `SidecarError` if a file cannot be used, or if the servers would be open to strangers and that
  /// is forbidden.
  init(_ configuration: Configuration, _ logger: Logger) throws(SidecarError) {
    for exposure in configuration.exposures {
      guard !configuration.security.strict else {
        throw SidecarError("\(exposure), which strict security forbids", .configuration)
      }
      logger.warning("\(exposure). See docs/security.md")
    }
    let tls = configuration.tls
    do throws(TransportError) {
      if tls.certificate == nil {
        (server, metrics) = (nil, nil)
      } else {
        let files = TLSFiles(tls, trusting: tls.clientAuthorities, logger)
        server = try ServerTLS(files)
        metrics =
          configuration.metrics.listen == nil
          ? nil : try ServerTLS(files, protocols: ["http/1.1"])
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
    admission =
      configuration.knowsCallers
      ? CallGuard(tokens: tokens, policy: PolicyGuard(policy: configuration.checkedPolicy)) : nil
    self.services = services
  }
}

extension TLSFiles {
  fileprivate init(_ tls: Configuration.TLS, trusting authorities: String?, _ logger: Logger) {
    self.init(certificate: tls.certificate, key: tls.key, authorities: authorities)
    reloadFailed = { logger.warning("\($0)") }
  }
}

extension Configuration {
  /// Whether callers can prove who they are, and must.
  var knowsCallers: Bool { tls.clientAuthorities != nil || tokens.keys != nil }

  /// What strangers could do who reach this process, or what it sends, over a network, in sentences
  /// without a full stop.
  var exposures: [String] { exposuresOfCalls + exposuresOfMetrics + exposuresOfPeers }

  private var exposuresOfCalls: [String] {
    guard !isLoopback(host) else { return [] }
    var exposures: [String] = []
    if !knowsCallers {
      exposures.append(
        """
        Anybody who reaches \(host) may read and change everything: there are neither \
        tls.client-authorities nor tokens.keys
        """)
    }
    if tls.certificate == nil {
      exposures.append(
        "Calls to \(host) can be read and changed on their way: there is no tls.certificate")
    }
    return exposures
  }

  /// Tokens count for nothing there.
  private var exposuresOfMetrics: [String] {
    guard let listen = metrics.listen, !listen.isOnThisMachine, tls.clientAuthorities == nil else {
      return []
    }
    return [
      "Anybody who reaches \(listen) may read the metrics: there are no tls.client-authorities"
    ]
  }

  /// Logic is always called in the clear, coordinators without `tls.peer-authorities`, and MongoDB
  /// unless its URI says otherwise.
  private var exposuresOfPeers: [String] {
    let projectors = domains.flatMap(\.projectors).filter(\.enabled)
    let logic = (domains.map(\.logic) + projectors.map(\.logic)).filter { !$0.isOnThisMachine }
    var peers = distinct(logic).map { "to the logic at \($0)" }
    if tls.peerAuthorities == nil {
      let coordinators = projectors.filter(\.synchronous).map(\.coordinator)
      peers += distinct(coordinators.filter { !$0.isOnThisMachine })
        .map { "to the projector at \($0)" }
    }
    if store.isElsewhereInTheClear { peers.append("to the store \(store)") }
    return peers.map { "What goes \($0) can be read and changed on its way: there is no TLS" }
  }
}

/// Each value once, in the order of the first of each.
private func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
  var seen: Set<Value> = []
  return values.filter { seen.insert($0).inserted }
}
