import HTTP1
import JSON

extension HTTPResponse {
  /// A JSON answer that ends with a newline, for terminals.
  init(
    _ status: Int = 200, json: JSONValue, type: String = MediaType.json, _ fields: HTTPFields = [:]
  ) {
    self.init(status, type: type, json.text + "\n", fields)
  }
}
