import HTTP1
import JSON

extension HTTPResponse {
  /// An answer in JSON, with an end of line for those who read it in a terminal.
  init(
    _ status: Int = 200, json: JSONValue, type: String = MediaType.json, _ fields: HTTPFields = [:]
  ) {
    self.init(status, type: type, json.text + "\n", fields)
  }
}
