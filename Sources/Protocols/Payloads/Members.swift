import EventModel
import JSON
import Wire

// Formats domain values as members of JSON objects.

extension Cover {
  public var members: [JSONValue.Member] {
    [.init("domain", .string(domain.text)), .init("root", .string(root.description))]
  }
}

extension Position {
  public var members: [JSONValue.Member] {
    [.init("partition", .integer(partition)), .init("position", .integer(number))]
  }
}

extension Timestamp {
  /// RFC 3339; bare seconds if the year is out of range.
  public var text: String {
    RFC3339(seconds: seconds, nanoseconds: nanoseconds)?.text(fractionDigits: 3) ?? "\(seconds)s"
  }
}

extension CommandReference {
  public var members: [JSONValue.Member] {
    cover.members + [.init("commandId", .string(commandID))]
  }
}

extension CommandEnd? {
  /// By the names of the wire contract; null until the command has ended.
  public var members: [JSONValue.Member] {
    switch self {
    case nil: [.init("end", .null)]
    case .appended(_, let position): [.init("end", "APPENDED")] + position.members
    case .nothingToDo: [.init("end", "NOTHING_TO_DO")]
    case .refused(let code, let message):
      [
        .init("end", "REFUSED"), .init("statusCode", .integer(code.rawValue)),
        .init("message", .string(message)),
      ]
    case .expired: [.init("end", "EXPIRED")]
    case .cancelled: [.init("end", "CANCELLED")]
    }
  }
}

extension EventBook {
  /// Common members of its events beside the aggregate: command id, correlation, cause and
  /// headers, if present.
  public var originMembers: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let commandID { members.append(.init("commandId", .string(commandID))) }
    if !origin.correlation.isEmpty {
      members.append(.init("correlation", .string(origin.correlation)))
    }
    if let annotations = try? Evented.Annotations(origin) { members += annotations.members }
    return members
  }
}

extension EventPage {
  /// Number, time and entity.
  public var members: [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      .init("sequence", .integer(sequence.rawValue)), .init("createdAt", .string(createdAt.text)),
    ]
    if let entity { members.append(.init("entity", .string(entity.text))) }
    return members
  }
}

extension Evented.Annotations {
  fileprivate var members: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let cause { members.append(.init("cause", .object(cause.members))) }
    if !headers.isEmpty {
      let headers = headers.sorted { $0.key < $1.key }
      members.append(
        .init("headers", .object(headers.map { JSONValue.Member($0.key.text, .string($0.value)) })))
    }
    return members
  }
}

extension Evented.Cause {
  fileprivate var members: [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    if let cover {
      members = cover.members + [JSONValue.Member("sequence", .integer(sequence.rawValue))]
    }
    if let commandID { members.append(.init("commandId", .string(commandID))) }
    return members
  }
}
