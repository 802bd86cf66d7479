import EventModel
import JSON
import Wire

// Formats versions of schemas, and the results of checks.

extension OutriderV1.SchemaVersion {
  /// All members except the schema.
  var members: [JSONValue.Member] {
    [
      .init("version", .integer(number)), .init("registeredAt", .string(registeredAt.text)),
      .init("kind", .string(registered.kind.rawValue)),
      .init("compatibility", .string(registered.compatibility.rawValue)),
      .init(
        "types",
        .array(types.map { ["name": .string($0.name), "fingerprint": .string($0.fingerprint)] })),
    ]
  }
}

extension OutriderV1.SchemaReport {
  /// For people.
  var lines: [String] {
    var lines = reasons.isEmpty ? ["compatible"] : ["not compatible:"] + reasons.map { "  \($0)" }
    lines.append("\(eventsRead) events read, \(findings.map(\.count).reduce(0, +)) do not decode")
    lines += findings.map {
      "  \($0.type): \($0.count), the first at position \($0.position), \($0.event): \($0.reason)"
    }
    return lines.map(\.displayed)
  }

  var json: JSONValue {
    [
      "compatible": .bool(reasons.isEmpty), "reasons": .array(reasons.map { .string($0) }),
      "eventsRead": .integer(eventsRead), "findings": .array(findings.map(\.json)),
    ]
  }
}

extension OutriderV1.SchemaFinding {
  fileprivate var json: JSONValue {
    .object(
      [.init("type", .string(type)), .init("count", .integer(count))] + position.members
        + event.cover.members + [
          .init("sequence", .integer(event.sequence.rawValue)), .init("reason", .string(reason)),
        ])
  }
}
