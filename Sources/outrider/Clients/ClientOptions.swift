import ArgumentParser
import RPC
import RPCTransport
import SidecarRuntime

/// What every client subcommand is told.
struct ClientOptions: ParsableArguments {
  @Option(
    help:
      "Where the server listens: HOST:PORT or unix:PATH. (default: the role's port on 127.0.0.1)")
  var address: String?

  @Option(help: "How long a single answer may take, such as 5s.", transform: duration)
  var deadline = Duration.seconds(30)

  @Option(help: "A file with a bearer token to show.")
  var tokenFile: String?

  @Option(help: "Speak TLS, and trust who these certificates sign, in PEM form.")
  var tlsAuthorities: String?

  @Option(help: "A certificate to show, in PEM form; its key goes with it.")
  var tlsCertificate: String?

  @Option(help: "The certificate's private key, in PEM form.")
  var tlsKey: String?

  @Flag(help: "One JSON object on a line for each thing, for scripts.")
  var json = false

  /// The server's address; that of the role on this machine, unless another was given.
  func target(default role: Role) throws -> Address {
    guard let address else { return .tcp(host: "127.0.0.1", port: role.standardPort) }
    do { return try Address(address) } catch {
      throw ValidationError("--address: \(error)")
    }
  }

  /// How the connection is secured; nil for not at all.
  func tls() throws -> ClientTLS? {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together")
    }
    guard let tlsAuthorities else {
      if tlsKey == nil { return nil }
      throw ValidationError("--tls-certificate needs --tls-authorities")
    }
    do {
      return try ClientTLS(
        TLSFiles(certificate: tlsCertificate, key: tlsKey, authorities: tlsAuthorities))
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// What every call carries.
  func metadata() throws -> Metadata {
    guard let tokenFile else { return [:] }
    let token = String(decoding: try readFile(tokenFile), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).joined()
    return ["authorization": "Bearer \(token)"]
  }

  private static func duration(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text) else {
      throw ValidationError("a number and a unit (ms, s, m or h) is expected, such as 5s")
    }
    return duration
  }
}

extension Role {
  /// The port that it has unless it is told another.
  var standardPort: Int {
    let standard = Configuration().port
    return switch self {
    case .commandHandler: standard.commandHandler
    case .queryHandler: standard.queryHandler
    case .projector: standard.projector
    }
  }
}
