import HTTP1
import JSON

/// One operation of the gateway: what it is for, what it takes and answers, and the code behind it.
///
/// The router and the description in OpenAPI are both made of these, so neither can know what the
/// other does not.
struct Operation: Sendable {
  typealias Handler = @Sendable (RestRequest) async throws -> HTTPResponse

  let method: String
  /// Such as `/v1/domains/{domain}/log`.
  let path: String
  /// In a sentence.
  let summary: String
  let parameters: [Parameter]
  /// Nil: it takes none.
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

  /// The route that serves it. What the query has beside the parameters is refused.
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
  /// What a request says beside its body.
  struct Parameter: Sendable {
    enum Place: String, Sendable {
      case path, query, header
    }

    let name: String
    let place: Place
    let summary: String
    let schema: JSONValue
  }

  /// What may be answered.
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
  /// What any operation that calls a sidecar may answer.
  static let failures: [Operation.Answer] = [
    400, 401, 403, 404, 408, 409, 412, 413, 415, 429, 499, 500, 501, 503, 504,
  ].map { .problem($0) }
}
