/// Why a request is not served.
package struct HTTPFailure: Error, Sendable, Equatable {
  /// From 400 to 599.
  package let status: Int
  /// What was wrong, where, and the remedy.
  package let message: String
  package let fields: HTTPFields

  package init(_ status: Int, _ message: String, fields: HTTPFields = [:]) {
    self.status = status
    self.message = message
    self.fields = fields
  }

  static let noRoom = HTTPFailure(
    503, "the process holds as much as it may; try again", fields: ["Retry-After": "1"])
}
