import Glibc
import SidecarConfiguration
import Testing

@testable import outrider

/// Which deployment a client command asks, and how.
@Suite(.timeLimit(.minutes(1))) struct DeploymentTests {
  /// A directory of its own for each test.
  private final class Home {
    let path: String
    var environment: [String: String] { ["HOME": path] }

    init() {
      var template = Array("/tmp/outrider-context-XXXXXX".utf8CString)
      path = String(cString: mkdtemp(&template))
    }

    deinit {
      for name in [".config/outrider/contexts.json", "file.yaml"] { unlink("\(path)/\(name)") }
      for name in [".config/outrider", ".config", ""] { rmdir("\(path)/\(name)") }
    }

    func write(_ text: String) -> String {
      let file = fopen("\(path)/file.yaml", "w")
      fputs(text, file)
      fclose(file)
      return "\(path)/file.yaml"
    }
  }

  private func named(_ name: String, at host: String) -> NamedContext {
    var deployment = Deployment()
    for role in Role.called { deployment.addresses[role] = "\(host):\(role.standardPort)" }
    deployment.tls = TLSChoice(authorities: "/ca.pem", certificate: "/me.pem", key: "/me.key")
    deployment.tokenFile = "/token"
    deployment.descriptors = "/bank.pb"
    return NamedContext(name: name, deployment)
  }

  @Test func contextsAreKeptForTheirOwnerAlone() throws {
    let home = Home()
    var file = try ContextFile.read(home.environment)
    #expect(file.contexts.isEmpty)
    file.add(named("prod", at: "prod.example"))
    file.add(named("dev", at: "dev.example"))
    try file.use("prod")
    try file.write()
    #expect(try ContextFile.read(home.environment) == file)
    #expect(file.contexts.map(\.name) == ["dev", "prod"])
    for (name, mode) in [("", 0o700), ("/contexts.json", 0o600)] {
      var status = stat()
      stat("\(home.path)/.config/outrider\(name)", &status)
      #expect(status.st_mode & 0o777 == mode)
    }
  }

  @Test func contextIsReplacedAndRemoved() throws {
    let home = Home()
    var file = try ContextFile.read(home.environment)
    file.add(named("prod", at: "old.example"))
    file.add(named("prod", at: "new.example"))
    try file.use("prod")
    #expect(
      try file.deployment(named: "prod").addresses[.queryHandler] == "new.example:1314")
    try file.remove("prod")
    #expect(file.contexts.isEmpty && file.current == nil)
    let failure = #expect(throws: Failure.self) { try file.use("prod") }
    #expect(failure?.outcome == .usage)
  }

  @Test func nearestContextIsSuggested() throws {
    var file = try ContextFile.read(Home().environment)
    file.add(named("production", at: "x"))
    let failure = #expect(throws: Failure.self) { try file.deployment(named: "prodution") }
    #expect(failure?.description.contains("did you mean production?") == true)
  }

  /// Flag, then environment, then the context in use, then the configuration.
  @Test func nearestChoiceWins() async throws {
    let home = Home()
    var environment = home.environment
    func host(context: String? = nil, config: String? = nil) async throws -> String {
      let deployment = try await Deployment.chosen(
        context: context, config: config, environment: environment)
      return deployment.addresses[.queryHandler] ?? ""
    }
    let yaml = home.write("host: 10.0.0.1\nport: {query-handler: 7}\n")
    environment["OUTRIDER_CONFIG"] = yaml
    #expect(try await host() == "10.0.0.1:7")
    environment["OUTRIDER_PORT_QUERY_HANDLER"] = "8"
    #expect(try await host() == "10.0.0.1:8")
    environment["OUTRIDER_CONFIG"] = nil
    #expect(try await host() == "127.0.0.1:8")
    var file = try ContextFile.read(environment)
    file.add(named("dev", at: "dev.example"))
    file.add(named("prod", at: "prod.example"))
    try file.use("dev")
    try file.write()
    #expect(try await host() == "dev.example:1314")
    environment["OUTRIDER_CONFIG"] = yaml
    #expect(try await host() == "10.0.0.1:8")
    environment["OUTRIDER_CONTEXT"] = "prod"
    #expect(try await host() == "prod.example:1314")
    #expect(try await host(context: "dev") == "dev.example:1314")
    #expect(try await host(config: yaml) == "10.0.0.1:8")
    await #expect(throws: Failure.self) { try await host(context: "dev", config: yaml) }
    await #expect(throws: Failure.self) { try await host(context: "none") }
    environment["OUTRIDER_CONTEXT"] = nil
    environment["OUTRIDER_CONFIG"] = nil
    environment["CONFIG_MGMT_TYPE"] = "consul"
    environment["CONSUL_KEY"] = "no//key"
    await #expect(throws: ConfigurationError.self) { try await host() }
  }

  @Test func configurationSaysHowToCall() throws {
    var configuration = Configuration()
    configuration.host = "0.0.0.0"
    #expect(Deployment(configuration).addresses[.commandHandler] == "127.0.0.1:1313")
    #expect(Deployment(configuration).tls == nil)
    configuration.tls.certificate = "/server.pem"
    configuration.tls.key = "/server.key"
    configuration.tls.peerAuthorities = "/ca.pem"
    #expect(Deployment(configuration).tls == TLSChoice(authorities: "/ca.pem"))
    configuration.tls.clientAuthorities = "/ca.pem"
    #expect(Deployment(configuration).tls?.key == "/server.key")
    configuration.port.projector = 0
    #expect(throws: Failure.self) { try Deployment(configuration).address(of: .projector) }
  }

  /// Whoever names another address does not mean to show it the token of this one.
  @Test func tokenOfTheSurroundingsGoesNowhereInTheClear() throws {
    var deployment = Deployment()
    deployment.tokenFile = "/dev/null"
    deployment.override(address: "stranger.example:1314")
    let stranger = try deployment.address(of: .queryHandler)
    #expect(throws: Failure.self) { try deployment.metadata(for: stranger) }
    deployment.override(token: "/dev/null")
    _ = try deployment.metadata(for: stranger)
    deployment.override(address: "127.0.0.1:1314")
    _ = try deployment.metadata(for: try deployment.address(of: .queryHandler))
  }
}
