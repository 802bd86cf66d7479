import Downloads
import RPCTransport
import SidecarConfiguration

/// Reads one key of Consul's key/value store, over the agent's HTTP API (`GET /v1/kv/KEY`).
struct ConsulAgent: Sendable {
  /// The agent's answer about the key.
  struct Answer: Sendable {
    /// Nil: the key does not exist.
    let value: [UInt8]?
    /// `X-Consul-Index`; nil if it is not a number.
    let index: UInt64?
  }

  let key: ConsulKey
  private let server: WebServer
  private let headers: [(name: String, value: String)]

  /// - Parameter environment: `CONSUL_HTTP_TOKEN` is sent to the agent; `CONSUL_CACERT` is a file
  ///   with the CA certificates of the agent.
  ///
  /// Throws `SidecarError` if one of these cannot be used.
  init(_ key: ConsulKey, environment: [String: String]) throws(SidecarError) {
    self.key = key
    let environment = environment.filter { !$0.value.isEmpty }
    let token = environment[ConsulKey.tokenVariable]
    guard token?.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) != false else {
      throw SidecarError("CONSUL_HTTP_TOKEN is not a valid token", .configuration)
    }
    headers = token.map { [("x-consul-token", $0)] } ?? []
    guard case .tcp(let host, let port) = key.agent else {
      throw SidecarError("an agent has a host and a port", .configuration)
    }
    do throws(TransportError) {
      server = WebServer(
        host: host, port: port, authority: "\(key.agent)",
        tls: try key.isSecure
          ? ClientTLS(
            TLSFiles(authorities: environment["CONSUL_CACERT"]), protocols: ["http/1.1"]) : nil)
    } catch {
      let isUnreadable = error.kind == .unreadableFile
      throw SidecarError("CONSUL_CACERT: \(error)", isUnreadable ? .unreadableFile : .badFile)
    }
  }

  /// The value, once the key's index exceeds `index`, or after `wait` and up to a sixteenth more;
  /// at once if `index` is 0.
  ///
  /// Throws `DownloadError`, or `SidecarError` of kind `unavailable`, if a retry may help;
  /// `SidecarError` of kind `configuration` if access is denied; `CancellationError` if the task
  /// is cancelled.
  func read(after index: UInt64 = 0, wait: Duration = .zero) async throws -> Answer {
    let path = "/v1/kv/\(key.key)?raw&index=\(index)&wait=\(wait.components.seconds)s"
    let answer = try await server.get(
      path, headers: headers, timeout: wait * 17 / 16 + .seconds(10))
    let newIndex = answer.header("x-consul-index").flatMap { UInt64($0) }
    switch answer.code {
    case 200: return Answer(value: answer.body, index: newIndex)
    case 404: return Answer(value: nil, index: newIndex)
    case 403:
      throw SidecarError(
        """
        the Consul agent at \(key.agent) denies read access to \(key.key): \
        set CONSUL_HTTP_TOKEN to a token whose policy has key "\(key.key)" { policy = "read" }
        """, .configuration)
    // Such as 500 while Consul has no leader.
    default: throw SidecarError("the agent answers \(answer.status)")
    }
  }
}
