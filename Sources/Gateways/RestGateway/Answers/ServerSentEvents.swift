import HTTP1
import JSON
import RPC

/// A stream of server-sent events (HTML standard, section 9.2).
struct ServerSentEvents: Sendable {
  /// A comment, which clients ignore.
  private static let heartbeat = Array(": \n\n".utf8)

  let write: @Sendable (Writer) async throws -> Void

  struct Writer: Sendable {
    fileprivate let body: HTTPBodyWriter

    /// Sends one event; waits while the client does not read.
    ///
    /// The JSON is on one line, as an event's data must be.
    func send(_ data: JSONValue, id: String) async throws {
      try await body.write(Array("id: \(id)\ndata: \(data.text)\n\n".utf8))
    }
  }

  /// The body. A failure is sent as the last event, of type `problem`, because the status was
  /// already sent.
  fileprivate var stream: HTTPStream {
    HTTPStream(heartbeat: Self.heartbeat) { [write] body in
      // Tells the client at once that it is connected.
      try await body.write(Self.heartbeat)
      do { try await write(Writer(body: body)) } catch is CancellationError {
        throw CancellationError()
      } catch {
        try Task.checkCancellation()
        try await body.write(Array("event: problem\ndata: \(Problem(error).json.text)\n\n".utf8))
      }
    }
  }
}

extension HTTPResponse {
  init(events: ServerSentEvents) {
    self.init(
      200,
      [
        "Content-Type": MediaType.events, "Cache-Control": "no-store", "X-Accel-Buffering": "no",
      ], .stream(events.stream))
  }
}
