/// An answer.
package struct HTTPResponse: Sendable {
  package var status: Int
  package var fields: HTTPFields
  package var body: Body

  package enum Body: Sendable {
    /// All of it, with a length.
    case bytes([UInt8])
    /// As it comes, for as long as it takes.
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

/// A body whose end is not known when it begins.
package struct HTTPStream: Sendable {
  /// What is sent when nothing else was for `HTTPLimits.heartbeatInterval`; nil: nothing.
  package let heartbeat: [UInt8]?
  /// Writes the body. It is cancelled when the client leaves or the server is shut down; what it
  /// throws otherwise breaks the connection, so that no client takes the body for a whole one.
  package let write: @Sendable (HTTPBodyWriter) async throws -> Void

  package init(
    heartbeat: [UInt8]? = nil, _ write: @escaping @Sendable (HTTPBodyWriter) async throws -> Void
  ) {
    self.heartbeat = heartbeat
    self.write = write
  }
}
