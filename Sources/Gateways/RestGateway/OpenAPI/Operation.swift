import HTTP1
import JSON

/// One operation of the gateway: its purpose, its parameters and answers, and its code.
///
/// The router and the OpenAPI description are both made from these, so they cannot disagree.
struct Operation: Sendable {
  typealias Handler = @Sendable (RestRequest) async throws -> HTTPResponse

  let method: String
  /// For example `/v1/domains/{domain}/log`.
  let path: String
  /// One sentence.
  let summary: String
  let parameters: [Parameter]
  /// Nil: it takes no body.
  let body: BodySchema?
  let answers: [Answer]
  private let handle: Handler

  init(
    _ method: String, _ path: String, _ summary: String, _ parameters: [Parameter] = [],
    body: BodySchema? = nil, answers: [Answer], _ handle: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.summary = summary
    self.parameters = parameters
    self.body = body
    self.answers = answers
    self.handle = handle
  }

  static func get(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], answers: [Answer],
    _ handle: @escaping Handler
  ) -> Operation {
    Operation("GET", path, summary, parameters, answers: answers, handle)
  }

  static func post(
    _ path: String, _ summary: String, _ parameters: [Parameter] = [], body: BodySchema,
    answers: [Answer], _ handle: @escaping Handler
  ) -> Operation {
    Operation("POST", path, summary, parameters, body: body, answers: answers, handle)
  }

  /// The operation's route. Refuses unknown query parameters.
  func route(in gateway: RestGateway) -> HTTPRoute {
    let known = Set(parameters.filter { $0.place == .query }.map(\.name))
    return HTTPRoute(method, path) { [handle] request in
      for parameter in request.target.query where !known.contains(parameter.name) {
        throw HTTPFailure(
          400,
          known.isEmpty
            ? "this path takes no parameters"
            : "there is no parameter \(parameter.name); there are "
              + known.sorted().joined(separator: ", "))
      }
      return try await handle(RestRequest(http: request, gateway: gateway))
    }
  }
}

extension Operation {
  /// A parameter of a request, outside its body.
  struct Parameter: Sendable {
    enum Place: String, Sendable {
      case path, query, header
    }

    let name: String
    let place: Place
    let summary: String
    let schema: JSONValue
  }

  /// A possible answer.
  struct Answer: Sendable {
    let status: Int
    let type: String
    let summary: String
    let schema: BodySchema?
    var fields: [Field] = []

    struct Field: Sendable {
      let name: String
      let summary: String
    }
  }
}

extension Operation.Answer {
  static func json(_ status: Int, _ summary: String = "Done.", _ schema: BodySchema? = nil) -> Self
  {
    Self(status: status, type: MediaType.json, summary: summary, schema: schema)
  }

  static func events(_ summary: String) -> Self {
    Self(status: 200, type: MediaType.events, summary: summary, schema: nil)
  }

  static func problem(_ status: Int, _ summary: String = "It was refused, or failed.") -> Self {
    Self(status: status, type: MediaType.problem, summary: summary, schema: .problem)
  }

  func with(_ name: String, _ summary: String) -> Self {
    var answer = self
    answer.fields.append(Field(name: name, summary: summary))
    return answer
  }
}

extension [Operation.Answer] {
  /// The failures that any operation with a call to a sidecar may answer.
  static let failures: [Operation.Answer] = [
    400, 401, 403, 404, 408, 409, 412, 413, 415, 429, 499, 500, 501, 503, 504,
  ].map { .problem($0) }
}
