/// An answer.
package struct HTTPResponse: Sendable {
  package var status: Int
  package var fields: HTTPFields
  package var body: Body

  package enum Body: Sendable {
    /// A complete body, with its length.
    case bytes([UInt8])
    /// A stream of unknown length.
    case stream(HTTPStream)
  }

  package init(_ status: Int, _ fields: HTTPFields = [:], _ body: Body = .bytes([])) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// A text, with its type.
  package init(_ status: Int = 200, type: String, _ text: String, _ fields: HTTPFields = [:]) {
    self.init(status, fields, .bytes(Array(text.utf8)))
    self.fields.set("Content-Type", type)
  }
}

/// A body whose length is not known at its start.
package struct HTTPStream: Sendable {
  /// Sent after `HTTPLimits.heartbeatInterval` without other bytes; nil: no heartbeat.
  package let heartbeat: [UInt8]?
  /// Writes the body. Cancelled when the client leaves or the server shuts down; other errors
  /// break the connection, so that no client takes the body for complete.
  package let write: @Sendable (HTTPBodyWriter) async throws -> Void

  package init(
    heartbeat: [UInt8]? = nil, _ write: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
  ) {
    self.heartbeat = heartbeat
    self.write = write
  }
}
