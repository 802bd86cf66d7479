import ArgumentParser
import Glibc
import JSON
import SidecarConfiguration

/// Manages named deployments for client commands.
struct Contexts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "context",
    abstract: "Give names to deployments, and choose the one that client commands ask.",
    discussion: """
      A client command asks the deployment that --context or OUTRIDER_CONTEXT names, else the one \
      in use. Without any, it asks the one whose configuration is in this directory or in the \
      environment, or the standard ports of this machine.
      """,
    subcommands: [Add.self, Use.self, List.self, Remove.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a context, or replace the one with its name.")

    @Argument(help: "The context's name.") var name: String

    @Option(help: "The machine on which every role has its standard port.")
    var host: String?

    @Option(help: "Where the command-handler listens.") var commandHandler: String?
    @Option(help: "Where the query-handler listens.") var queryHandler: String?
    @Option(help: "Where the projector listens.") var projector: String?
    @Option(help: "Where the saga listens.") var saga: String?
    @Option(help: "A file with a bearer token to show.") var tokenFile: String?
    @Flag(help: "Use TLS, and trust the system's CA certificates.") var tls = false
    @Option(help: "Use TLS, and trust these CA certificates.") var tlsAuthorities: String?
    @Option(help: "A certificate to show; its key goes with it.") var tlsCertificate: String?
    @Option(help: "The certificate's private key.") var tlsKey: String?
    @Option(help: "A descriptor set, or a directory of some.") var descriptors: String?

    func run() throws {
      var file = try ContextFile.read(processEnvironment())
      file.add(NamedContext(name: name, try deployment()))
      try file.write()
    }

    private func deployment() throws -> Deployment {
      var deployment = Deployment()
      let named: [(Role, String?)] = [
        (.commandHandler, commandHandler), (.queryHandler, queryHandler), (.projector, projector),
        (.saga, saga),
      ]
      for (role, address) in named {
        let standard = host.map { Endpoint.tcp(host: $0, port: role.standardPort).description }
        deployment.addresses[role] = address ?? standard
        if deployment.addresses[role] != nil { _ = try deployment.address(of: role) }
      }
      guard !deployment.addresses.isEmpty else {
        throw Failure(.usage, "a context needs --host, or an address of one role at least")
      }
      guard (tlsCertificate == nil) == (tlsKey == nil) else {
        throw Failure(.usage, "--tls-certificate and --tls-key go together")
      }
      if tls || tlsAuthorities != nil || tlsKey != nil {
        deployment.tls = TLSChoice(
          authorities: try absolute(tlsAuthorities), certificate: try absolute(tlsCertificate),
          key: try absolute(tlsKey))
      }
      deployment.tokenFile = try absolute(tokenFile)
      deployment.descriptors = try absolute(descriptors)
      return deployment
    }

    /// An absolute path, so that the context works from any directory.
    private func absolute(_ path: String?) throws -> String? {
      guard let path, !path.hasPrefix("/") else { return path }
      guard let directory = getcwd(nil, 0) else {
        throw Failure(.noInput, "the working directory has no path")
      }
      defer { free(directory) }
      return "\(String(cString: directory))/\(path)"
    }
  }

  struct Use: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Choose the context that client commands ask from now on.")

    @Argument(help: "The context's name.") var name: String?
    @Flag(help: "Use no context any more.") var none = false

    func run() throws {
      guard (name == nil) == none else { throw Failure(.usage, "give one name, or --none") }
      var file = try ContextFile.read(processEnvironment())
      try file.use(name)
      try file.write()
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show all contexts; an asterisk marks the one in use.")

    @Flag(help: "One JSON object for each context.") var json = false

    func run() throws {
      let file = try ContextFile.read(processEnvironment())
      if file.contexts.isEmpty { complain("there are no contexts: outrider context add") }
      var output = StandardOutput()
      for context in file.contexts {
        let isCurrent = context.name == file.current
        try output.line(json ? object(context, isCurrent).text : text(context, isCurrent))
      }
      try output.flush()
    }

    private func text(_ context: NamedContext, _ isCurrent: Bool) -> String {
      let addresses = Role.called.compactMap { context.deployment.addresses[$0] }
      let security = context.deployment.tls == nil ? "" : "  TLS"
      let mark = isCurrent ? "*" : " "
      return "\(mark) \(padded(context.name, 16)) \(addresses.joined(separator: " "))\(security)"
    }

    private func object(_ context: NamedContext, _ isCurrent: Bool) -> JSONValue {
      guard case .object(let members) = context.json else { return .null }
      return .object(members + [.init("current", .bool(isCurrent))])
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a context.")

    @Argument(help: "The context's name.") var name: String

    func run() throws {
      var file = try ContextFile.read(processEnvironment())
      try file.remove(name)
      try file.write()
    }
  }
}
