import JSON
import Logging

extension LogRecord {
  /// One JSON object on a line, with its end. Metadata are members beside `time`, `level`,
  /// `logger` and `message`; a key of that name gets an underscore behind it.
  var jsonLine: String {
    var members: [JSONValue.Member] = [
      .init("time", moment.map { .string($0.text(fractionDigits: 3)) } ?? .null),
      .init("level", .string(level.rawValue)),
      .init("logger", .string(label)), .init("message", .string(message)),
    ]
    let reserved = Set(members.map(\.name))
    for (key, value) in metadata {
      members.append(.init(reserved.contains(key) ? key + "_" : key, json(value)))
    }
    return JSONValue.object(members).text + "\n"
  }
}

private func json(_ value: Logger.MetadataValue) -> JSONValue {
  switch value {
  case .string(let text): .string(text)
  case .stringConvertible(let value): .string(value.description)
  case .array(let values): .array(values.map(json))
  case .dictionary(let values):
    .object(values.sorted { $0.key < $1.key }.map { .init($0.key, json($0.value)) })
  }
}
