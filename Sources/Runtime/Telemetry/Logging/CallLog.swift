import Logging
import RPC
import Timing

/// Logs each call at its end: at debug, denied calls at info, and failures that need attention
/// higher.
package struct CallLog: ServerInterceptor {
  private let logger: Logger

  package init(_ logger: Logger) { self.logger = logger }

  package func intercept(
    _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
  ) async throws {
    // If calls are not logged, only failures are examined, at next to no cost.
    guard logger.logLevel <= .debug else {
      do { try await proceed(context) } catch {
        log(RPCStatus(thrownByHandler: error), of: context)
        throw error
      }
      return
    }
    let (notes, began) = (CallNotes(), Environment.live.instant())
    do {
      try await CallNotes.$current.withValue(notes) { try await proceed(context) }
      log(.ok, of: context, notes, since: began)
    } catch {
      log(RPCStatus(thrownByHandler: error), of: context, notes, since: began)
      throw error
    }
  }

  private func log(
    _ status: RPCStatus, of context: ServerContext, _ notes: CallNotes? = nil,
    since began: ContinuousClock.Instant? = nil
  ) {
    if status.isDenial { return logger.logDenied(context, status) }
    let level = Self.level(of: status.code)
    guard level >= logger.logLevel else { return }
    var metadata = Logger.Metadata(of: context, status)
    metadata["duration"] = began.map { "\(milliseconds(since: $0))ms" }
    for (name, value) in notes?.facts ?? [:] { metadata[name] = "\(value)" }
    metadata["traceparent"] = TraceContext.traceparent.map { "\($0)" }
    logger.log(level: level, level == .debug ? "call" : "a call failed", metadata: metadata)
  }

  /// Callers' mistakes are for the callers; faults here or in the logic are for the operator.
  private static func level(of code: RPCStatus.Code) -> Logger.Level {
    switch code {
    case .internal, .dataLoss: .error
    case .unknown: .warning
    default: .debug
    }
  }
}

extension Logger {
  /// Logs who was denied what, and why.
  func logDenied(_ context: ServerContext, _ status: RPCStatus) {
    guard logLevel <= .info else { return }
    var metadata = Logger.Metadata(of: context, status)
    metadata["caller"] = "\(context.caller)"
    info("a call was denied", metadata: metadata)
  }
}

extension RPCStatus {
  var isDenial: Bool { code == .permissionDenied || code == .unauthenticated }
}

extension Logger.Metadata {
  fileprivate init(of context: ServerContext, _ status: RPCStatus) {
    self = [
      "method": "\(context.method.service)/\(context.method.name)", "peer": "\(context.peer)",
      "status": "\(status.code)",
    ]
    if !status.message.isEmpty { self["error"] = "\(status.message)" }
  }
}

/// Milliseconds, to the microsecond.
private func milliseconds(since began: ContinuousClock.Instant) -> Double {
  let microseconds = began.duration(to: Environment.live.instant()) / .microseconds(1)
  return microseconds.rounded() / 1000
}
