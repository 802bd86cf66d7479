import JSON

/// The description of the gateway's operations (OpenAPI 3.1).
struct OpenAPI {
  private let operations: [Operation]
  private let version: String

  init(_ operations: [Operation], version: String) {
    self.operations = operations
    self.version = version
  }

  var document: JSONValue {
    [
      "openapi": "3.1.0",
      "info": [
        "title": "Outrider", "version": .string(version),
        "description": "Commands, events, projections and the log of event-sourced aggregates.",
      ],
      "paths": paths,
      "components": [
        "schemas": .object(BodySchema.all.map { .init($0.name, $0.definition) }),
        "securitySchemes": ["bearer": ["type": "http", "scheme": "bearer"]],
      ],
      "security": [.object([]), ["bearer": []]],
    ]
  }

  private var paths: JSONValue {
    var order: [String] = []
    for operation in operations where !order.contains(operation.path) {
      order.append(operation.path)
    }
    return .object(
      order.map { path in
        let items = operations.filter { $0.path == path }.map { operation in
          JSONValue.Member(operation.method.lowercased(), describe(operation))
        }
        return .init(path, .object(items))
      })
  }

  private func describe(_ operation: Operation) -> JSONValue {
    var members: [JSONValue.Member] = [.init("summary", .string(operation.summary))]
    if !operation.parameters.isEmpty {
      members.append(.init("parameters", .array(operation.parameters.map(describe))))
    }
    if let body = operation.body {
      members.append(
        .init(
          "requestBody",
          ["required": true, "content": ["application/json": ["schema": body.reference]]]))
    }
    members.append(.init("responses", responses(of: operation)))
    return .object(members)
  }

  private func describe(_ parameter: Operation.Parameter) -> JSONValue {
    [
      "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
      "required": .bool(parameter.place == .path), "description": .string(parameter.summary),
      "schema": parameter.schema,
    ]
  }

  /// Groups answers by status, which may have several content types.
  private func responses(of operation: Operation) -> JSONValue {
    let statuses = Set(operation.answers.map(\.status)).sorted()
    return .object(
      statuses.map { status in
        let answers = operation.answers.filter { $0.status == status }
        let content = answers.map { answer in
          let schema = answer.schema.map { [JSONValue.Member("schema", $0.reference)] } ?? []
          return JSONValue.Member(answer.type, .object(schema))
        }
        let fields = answers.flatMap(\.fields).map { field in
          JSONValue.Member(
            field.name,
            ["description": .string(field.summary), "schema": ["type": "string"]])
        }
        var members: [JSONValue.Member] = [
          .init("description", .string(answers.map(\.summary).joined(separator: " "))),
          .init("content", .object(content)),
        ]
        if !fields.isEmpty { members.append(.init("headers", .object(fields))) }
        return .init(String(status), .object(members))
      })
  }
}
