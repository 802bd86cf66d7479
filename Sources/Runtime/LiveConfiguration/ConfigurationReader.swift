import Downloads
import Logging
import SidecarConfiguration
import Timing

/// Reads the configuration at the start of a process.
public struct ConfigurationReader: Sendable {
  private let choice: ConfigurationLocation.Choice
  private let environment: [String: String]
  private let time: Environment

  /// - Parameter environment: all variables of the process, Consul's among them.
  init(
    _ choice: ConfigurationLocation.Choice, environment: [String: String], time: Environment = .live
  ) {
    self.choice = choice
    self.environment = environment
    self.time = time
  }

  /// Nil if no configuration is named and no default file exists. Throws if the flag or a variable
  /// is malformed.
  public init?(flag: String?, environment: [String: String]) throws(ConfigurationError) {
    guard
      let choice = try ConfigurationLocation.choose(flag: flag, environment: environment)
    else { return nil }
    self.init(choice, environment: environment)
  }

  /// True if the text comes from a server, which may not answer yet.
  public var mayWait: Bool {
    if case .consul = choice.location { true } else { false }
  }

  /// The text. Throws `ConfigurationError` if it is missing or unreadable, and `SidecarError` of
  /// kind `unavailable` if Consul does not answer.
  public func read() async throws -> ConfigurationFile {
    switch choice.location {
    case .file(let path): return try ConfigurationFile.read(path, namedBy: choice.source)
    case .consul(let key):
      let agent = try ConsulAgent(key, environment: environment)
      do {
        return try file(try await agent.read(), of: key)
      } catch let error where error.isOfAgent {
        throw SidecarError(
          """
          the Consul agent at \(key.agent) does not give the configuration \(key): \(error). Start \
          the agent, or say with --config where the configuration is
          """)
      }
    }
  }

  /// Waits until Consul answers, and logs the wait: parts of a deployment may start in any order.
  /// Throws what `read` throws if waiting would not help.
  public func readWhenThere(_ logger: Logger) async throws -> ConfigurationFile {
    guard case .consul(let key) = choice.location else { return try await read() }
    let agent = try ConsulAgent(key, environment: environment)
    var backoff = Backoff(from: .milliseconds(250), upTo: .seconds(5))
    var told: String?
    while true {
      do { return try file(try await agent.read(), of: key) } catch let error where error.isOfAgent
      {
        let failure = "\(error)"
        if failure != told {
          logger.warning(
            "waiting for the Consul agent, which has the configuration",
            metadata: ["configuration": "\(key)", "error": "\(failure)"])
        }
        told = failure
        try await time.sleep(backoff.next(random: time.random()))
      }
    }
  }

  private func file(
    _ answer: ConsulAgent.Answer, of key: ConsulKey
  ) throws(ConfigurationError) -> ConfigurationFile {
    guard let value = answer.value else { throw .missing(key, namedBy: choice.source) }
    return ConfigurationFile(at: choice.location, bytes: value)
  }
}

extension Error {
  /// True if a retry may help.
  fileprivate var isOfAgent: Bool {
    self is DownloadError || (self as? SidecarError)?.kind == .unavailable
  }
}
