import EventModel
import JSON
import Payloads
import Wire

/// Prints events, one a line.
struct EventPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  /// For people, events are below their aggregate.
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
    let members = (position?.members ?? []) + book.cover.members + page.members + book.originMembers
    return .object(
      members + (await payloads.members(Payload(leniently: page), of: book.cover.domain)))
  }
}
