import ArgumentParser
import SidecarConfiguration

/// Options of every client subcommand.
struct ClientOptions: ParsableArguments {
  @Option(
    help:
      "Where the server listens: HOST:PORT or unix:PATH. (default: as the deployment has it)")
  var address: String?

  @Option(help: "The deployment to ask, by its name in `outrider context list`.")
  var context: String?

  @Option(
    help: ArgumentHelp(
      """
      The configuration of the deployment to ask: a file, or consul://HOST[:PORT]/KEY. \
      (default: \(ConfigurationFile.defaultPath), if it is there)
      """, valueName: "file|uri"))
  var config: String?

  @Option(help: "How long a single answer may take, such as 5s.", transform: duration)
  var deadline = Duration.seconds(30)

  @Option(help: "A file with a bearer token to show.")
  var tokenFile: String?

  @Option(help: "Use TLS, and trust these CA certificates, in PEM form.")
  var tlsAuthorities: String?

  @Option(help: "A certificate to show, in PEM form; its key goes with it.")
  var tlsCertificate: String?

  @Option(help: "The certificate's private key, in PEM form.")
  var tlsKey: String?

  @Flag(help: "One JSON object on a line for each thing, for scripts.")
  var json = false

  /// The addresses and credentials of the servers: from flags, then from the context or the
  /// configuration.
  func deployment() async throws -> Deployment {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw Failure(.usage, "--tls-certificate and --tls-key go together")
    }
    var deployment = try await Deployment.chosen(
      context: context, config: config, environment: processEnvironment())
    if let address { deployment.override(address: address) }
    if let tokenFile { deployment.override(token: tokenFile) }
    if tlsAuthorities != nil || tlsKey != nil {
      deployment.override(
        TLSChoice(authorities: tlsAuthorities, certificate: tlsCertificate, key: tlsKey))
    }
    return deployment
  }

  private static func duration(_ text: String) throws -> Duration {
    guard let duration = Duration(configured: text) else {
      throw ValidationError("a number and a unit (ms, s, m or h) is expected, such as 5s")
    }
    return duration
  }
}
