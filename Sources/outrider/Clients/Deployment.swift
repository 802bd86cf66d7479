import LiveConfiguration
import RPC
import RPCTransport
import SidecarConfiguration
import Sidecars

/// The servers of one deployment, as a client calls them.
struct Deployment: Equatable {
  /// Addresses by role. A missing one is unknown.
  var addresses: [Role: String] = [:]
  /// Addresses of roles that may not be running.
  private var possible: [Role: String] = [:]
  /// Nil: without TLS.
  var tls: TLSChoice?
  /// A file with the bearer token for calls.
  var tokenFile: String?
  /// Thresholds of findings across processes.
  var statusLimits = StatusLimits()
  /// A file or directory of payload descriptors.
  var descriptors: String?
  /// True if the token was chosen together with the address, so it may be sent there.
  private var isTokenForAddress = false

  init() {}

  /// Uses this address for every role.
  mutating func override(address: String) {
    for role in Role.called { addresses[role] = address }
  }

  mutating func override(token file: String) {
    tokenFile = file
    isTokenForAddress = true
  }

  mutating func override(_ choice: TLSChoice) { tls = choice }

  func address(of role: Role) throws(Failure) -> Address {
    guard let text = addresses[role] ?? possible[role] else {
      throw Failure(.usage, "it is not known where the \(role.rawValue) listens: give --address")
    }
    return try Self.address(text, of: "the \(role.rawValue)'s address")
  }

  static func address(_ text: String, of what: String) throws(Failure) -> Address {
    do { return try Address(text) } catch { throw Failure(.usage, "\(what): \(error)") }
  }

  /// The TLS settings of connections.
  func clientTLS() throws(TransportError) -> ClientTLS? {
    guard let tls else { return nil }
    return try ClientTLS(
      TLSFiles(certificate: tls.certificate, key: tls.key, authorities: tls.authorities))
  }

  /// The metadata of every call. A token from a context or a file is never sent over a network
  /// without TLS.
  func metadata(for target: Address) throws -> Metadata {
    guard let tokenFile else { return [:] }
    guard isTokenForAddress || tls != nil || Endpoint("\(target)")?.isOnThisMachine != false else {
      throw Failure(
        .usage, "the token in \(tokenFile) would go to \(target) in the clear: use TLS")
    }
    let token = String(decoding: try readFile(tokenFile), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).joined()
    return ["authorization": "Bearer \(token)"]
  }
}

/// PEM files for TLS.
struct TLSChoice: Equatable {
  /// Nil: the system's.
  var authorities: String?
  var certificate: String?
  var key: String?
}

extension Deployment {
  /// The deployment by precedence: a context or file named by a flag, one named by the
  /// environment, the default context, the configuration in this directory.
  static func chosen(
    context: String?, config: String?, environment: [String: String]
  ) async throws -> Deployment {
    guard context == nil || config == nil else {
      throw Failure(.usage, "--context and --config name two deployments")
    }
    if let context { return try ContextFile.read(environment).deployment(named: context) }
    if config == nil {
      if let context = environment[ConfigurationSources.contextVariable], !context.isEmpty {
        return try ContextFile.read(environment).deployment(named: context)
      }
      if !ConfigurationSources.nameLocation(environment) {
        let contexts = try ContextFile.read(environment)
        if let context = contexts.current { return try contexts.deployment(named: context) }
      }
    }
    var sources = ConfigurationSources()
    sources.environment = environment
    sources.file = try await ConfigurationReader(flag: config, environment: environment)?.read()
    return Deployment(try sources.resolve())
  }

  /// The servers of this configuration, as other sidecars on this machine call them.
  init(_ configuration: Configuration) {
    let hasProjectors = configuration.domains.contains { !$0.projectors.isEmpty }
    let roles = configuration.standardRoles.filter(Role.called.contains)
    for role in roles where role != .projector || hasProjectors {
      if let endpoint = configuration.endpoint(of: role) { addresses[role] = "\(endpoint)" }
    }
    possible[.saga] = configuration.endpoint(of: .saga).map { "\($0)" }
    if configuration.tls.certificate != nil {
      tls = TLSChoice(authorities: configuration.tls.peerAuthorities)
      if configuration.tls.clientAuthorities != nil {
        tls?.certificate = configuration.tls.certificate
        tls?.key = configuration.tls.key
      }
    }
    tokenFile = configuration.tokens.peerFile
    statusLimits = configuration.status
    descriptors = configuration.descriptors
  }
}
