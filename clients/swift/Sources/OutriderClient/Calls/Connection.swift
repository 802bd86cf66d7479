internal import EventModel
internal import NIOPosix
package import RPC
internal import RPCTransport
internal import Timing
internal import Wire

/// A connection to the sidecars. Share one among all services and subscribers of a process.
///
/// Connects at the first call, and reconnects after a loss.
public final class Connection: Sendable {
  /// TLS files in PEM form, reloaded when they change.
  public struct TLS: Sendable {
    /// Trusted CA certificates; nil: the system's.
    public var authorities: String?
    /// The client's certificate, and its key; nil: none.
    public var certificate: String?
    public var key: String?

    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
      self.authorities = authorities
      self.certificate = certificate
      self.key = key
    }
  }

  private let commands: any RPCChannel
  private let queries: any RPCChannel
  private let token: (@Sendable () async throws -> String)?

  /// - Parameters:
  ///   - commands: the address of a command-handler: `HOST:PORT` or `unix:PATH`. A name with
  ///     several addresses is resolved repeatedly, and all of them are called.
  ///   - queries: the address of a query-handler.
  ///   - tls: nil for none.
  ///   - token: returns the bearer token of each call.
  ///
  /// Throws if an address or a file is wrong, and says which.
  public init(
    commands: String = "127.0.0.1:1313", queries: String = "127.0.0.1:1314", tls: TLS? = nil,
    token: (@Sendable () async throws -> String)? = nil
  ) throws {
    let tls = try tls.map {
      try ClientTLS(
        TLSFiles(certificate: $0.certificate, key: $0.key, authorities: $0.authorities))
    }
    self.commands = try Self.channel(to: commands, tls)
    self.queries = try Self.channel(to: queries, tls)
    self.token = token
  }

  package init(commands: any RPCChannel, queries: any RPCChannel) {
    self.commands = commands
    self.queries = queries
    token = nil
  }

  /// Cancels running calls. Later calls fail.
  public func close() async {
    await commands.close()
    await queries.close()
  }

  private static func channel(to text: String, _ tls: ClientTLS?) throws -> any RPCChannel {
    let address = try Address(text)
    var configuration = HTTP2ChannelConfiguration()
    configuration.tls = tls
    // Servers limit their answers; this limit is above any of theirs.
    configuration.limits.messageBytesMax = 64 << 20
    // Finds a restarted sidecar quickly. Pings detect one that vanished.
    configuration.backoff.delayMax = .seconds(2)
    configuration.connectTimeout = .seconds(5)
    configuration.keepaliveInterval = .seconds(30)
    configuration.keepaliveTimeout = .seconds(10)
    let loops = EventLoops(.singleton)
    guard let name = HostName(address) else {
      return HTTP2Channel(to: address, configuration, on: loops)
    }
    var balanced = BalancedChannel.Configuration()
    balanced.channel = configuration
    return BalancedChannel(to: name, balanced, on: loops)
  }
}

// Calls. Those with a timeout are retried while there is time and the failure may pass.
extension Connection {
  private static let handle = Method(service: "evented.BusinessCoordinator", name: "Handle")
  private static let getEvents = Method(service: "evented.EventQuery", name: "GetEvents")
  private static let getProjection = Method(service: "outrider.v1.Projections", name: "Get")
  private static let subscribe = Method(service: "outrider.v1.Subscriptions", name: "Subscribe")

  /// Sends a command. A retry has the same command id, so it happens once.
  func handle(
    _ book: Evented.CommandBook, timeout: Duration
  ) async throws -> Evented.SynchronousProcessingResponse {
    let request = book.wireBytes
    return try await retrying(timeout, commandID: book.commandID) { deadline in
      let options = try await self.options(until: deadline)
      return try .init(wireBytes: await self.commands.unary(Self.handle, request, options))
    }
  }

  /// The events of one aggregate.
  func events(_ query: Evented.Query, timeout: Duration) async throws -> [EventBook] {
    let request = query.wireBytes
    return try await retrying(timeout) { deadline in
      let call = try await self.queries.serverStreaming(
        Self.getEvents, request, await self.options(until: deadline))
      var books: [EventBook] = []
      for try await message in call.responses { books.append(try EventBook(wireBytes: message)) }
      return books
    }
  }

  func projection(
    _ request: OutriderV1.GetProjectionRequest, timeout: Duration
  ) async throws -> OutriderV1.ProjectionRecord {
    let request = request.wireBytes
    return try await retrying(timeout) { deadline in
      let options = try await self.options(until: deadline)
      return try .init(wireBytes: await self.queries.unary(Self.getProjection, request, options))
    }
  }

  /// The current bearer token; nil if calls carry none.
  func currentToken() async throws -> String? { try await token?() }

  /// Opens a call that runs until either side ends it, or its token expires.
  func subscribe(showing token: String?) async throws -> ClientCall {
    try await queries.stream(Self.subscribe, options(until: .never, showing: token))
  }

  private func options(until deadline: Deadline) async throws -> CallOptions {
    options(until: deadline, showing: try await currentToken())
  }

  private func options(until deadline: Deadline, showing token: String?) -> CallOptions {
    var options = CallOptions(deadline: deadline)
    if let token { options.metadata.append("authorization", "Bearer \(token)") }
    return options
  }
}
