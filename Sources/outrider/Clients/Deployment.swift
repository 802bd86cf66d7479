import LiveConfiguration
import RPC
import RPCTransport
import SidecarConfiguration
import Sidecars

/// The servers of one Outrider, as a client reaches them.
struct Deployment: Equatable {
  /// Each role's address. One that is missing has no server that is known.
  var addresses: [Role: String] = [:]
  /// Where a role would listen that need not be there.
  private var possible: [Role: String] = [:]
  /// Nil: calls are not secured.
  var tls: TLSChoice?
  /// A file with the bearer token to show.
  var tokenFile: String?
  /// From where on what the processes tell beside each other is a finding.
  var statusLimits = StatusLimits()
  /// Where the descriptors of payloads are: a file or a directory.
  var descriptors: String?
  /// Whether the token was chosen together with the address, in which case it may go there.
  private var isTokenForAddress = false

  init() {}

  /// The address on which every role is asked, whatever it is.
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

  /// How connections are secured.
  func clientTLS() throws(TransportError) -> ClientTLS? {
    guard let tls else { return nil }
    return try ClientTLS(
      TLSFiles(certificate: tls.certificate, key: tls.key, authorities: tls.authorities))
  }

  /// What every call carries. A token of a context or a file goes over no network in the clear.
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

/// The files that secure calls, in PEM form.
struct TLSChoice: Equatable {
  /// Nil: those that the system trusts.
  var authorities: String?
  var certificate: String?
  var key: String?
}

extension Deployment {
  /// The one that a person means: the context or the file that a flag names, else those that the
  /// environment names, else the context in use, else the configuration of this directory.
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

  /// The servers that have this configuration, as other sidecars on this machine reach them.
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
