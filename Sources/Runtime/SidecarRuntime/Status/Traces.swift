import Logging
import RPCTransport
import SidecarConfiguration
import Telemetry
import Timing
import Tracing

/// The tracer of calls and deliveries, and its export.
struct Traces: Sendable {
  let tracer: Tracer
  let queue = SpanQueue()

  init(_ settings: Configuration.Traces) {
    tracer = Tracer(rate: settings.sample, record: queue.add)
  }

  /// Throws `SidecarError` if a file cannot be used.
  func exporter(
    of configuration: Configuration, _ roles: Set<Role>, _ version: String, over channels: Channels,
    _ logger: Logger
  ) throws -> TraceExporter? {
    let settings = configuration.traces
    guard let collector = settings.endpoint else { return nil }
    var tls: ClientTLS?
    if collector.isSecure {
      var files = TLSFiles(authorities: settings.authorities)
      files.reloadFailed = { logger.warning("\($0)") }
      do throws(TransportError) { tls = try ClientTLS(files) } catch {
        throw SidecarError(file: "traces.authorities", error)
      }
    }
    var times = TraceExporter.Times()
    times.flush = min(times.flush, configuration.drainTimeout)
    return TraceExporter(
      queue, to: channels.connected(to: collector.endpoint, tls: tls),
      headers: try settings.headersFile.map { (path) throws(SidecarError) in
        try CollectorHeaders(path, logger)
      } ?? .fixed(settings.headers),
      resource: resource(configuration, roles, version), version: version, times: times,
      logger: logger)
  }

  /// Attributes of all spans of this process (OpenTelemetry, *Resource semantic conventions*).
  private func resource(
    _ configuration: Configuration, _ roles: Set<Role>, _ version: String
  ) -> [SpanAttribute] {
    let roles = Role.allCases.filter(roles.contains).map(\.rawValue)
    let service =
      configuration.traces.serviceName?.text ?? (roles.count == 1 ? roles[0] : "outrider")
    let instance = String(Environment.live.random(), radix: 16)
    let domains = configuration.domains.compactMap(\.name?.text)
    let chosen = configuration.traces.resource.filter { !Self.ownNamespaces.contains($0.namespace) }
    let named = [
      SpanAttribute("service.name", .text(service)),
      SpanAttribute("service.version", .text(version)),
      SpanAttribute("service.instance.id", .text(instance)),
    ].filter { own in !chosen.contains { $0.name == own.key } }
    return named + chosen.map { SpanAttribute($0.name, .text($0.value)) } + [
      SpanAttribute("telemetry.sdk.name", "outrider"),
      SpanAttribute("telemetry.sdk.language", "swift"),
      SpanAttribute("telemetry.sdk.version", .text(version)),
      SpanAttribute("outrider.role", .text(roles.joined(separator: ","))),
    ]
      + (domains.isEmpty
        ? [] : [SpanAttribute("outrider.domain", .text(domains.joined(separator: ",")))])
  }

  /// Namespaces that only Outrider may set.
  private static let ownNamespaces: [Substring] = ["telemetry", "outrider"]
}

extension ResourceAttribute {
  fileprivate var namespace: Substring { name.prefix { $0 != "." } }
}
