import EventModel
import JSON
import Wire

/// Shows events, one a line.
struct EventPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  /// For people, events stand below the aggregate whose they are.
  func show(
    _ book: EventBook, position: Position? = nil, to output: inout StandardOutput
  ) async throws {
    for page in book.pages.pages {
      try await output.line(
        json ? object(page, of: book, position).text : text(page, of: book, position))
    }
  }

  private func text(_ page: EventPage, of book: EventBook, _ position: Position?) async -> String {
    let place = position.map { "\(padded("\($0)", 6)) \(book.cover) " } ?? ""
    let payload = await payloads.text(Payload(leniently: page), of: book.cover.domain)
    let entity = page.entity.map { "\($0) " } ?? ""
    return "\(place)\(padded("\(page.sequence)", 4)) \(page.createdAt.text)  \(entity)\(payload)"
  }

  func object(_ page: EventPage, of book: EventBook, _ position: Position? = nil) async -> JSONValue
  {
    var members = position?.members ?? []
    members += book.cover.members
    members.append(.init("sequence", .integer(page.sequence.rawValue)))
    members.append(.init("createdAt", .string(page.createdAt.text)))
    if let entity = page.entity { members.append(.init("entity", .string(entity.text))) }
    if let id = book.commandID { members.append(.init("commandId", .string(id))) }
    if !book.origin.correlation.isEmpty {
      members.append(.init("correlation", .string(book.origin.correlation)))
    }
    if let annotations = try? Evented.Annotations(book.origin) { members += annotations.members }
    return .object(
      members + (await payloads.members(Payload(leniently: page), of: book.cover.domain)))
  }
}

extension Evented.Annotations {
  /// Cause and headers, as far as there are any.
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
