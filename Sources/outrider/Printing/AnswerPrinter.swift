import EventModel
import JSON
import Payloads
import Wire

/// Prints the result of a command: one object for scripts; for people, a line for each event and
/// projection below the aggregate.
struct AnswerPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  private var events: EventPrinter { EventPrinter(payloads: payloads, json: json) }
  private var projections: ProjectionPrinter { ProjectionPrinter(payloads: payloads, json: json) }

  func show(
    _ answer: Evented.SynchronousProcessingResponse, to cover: Cover, commandID: String,
    _ output: inout StandardOutput
  ) async throws {
    guard !json else {
      return try output.line(await object(answer, of: cover, commandID).text)
    }
    let place = answer.position.map { ", position \($0)" } ?? ""
    try output.line("\(cover)\(place)\(answer.alreadyHandled ? ", handled before" : "")")
    if answer.books.allSatisfy(\.pages.isEmpty) { try output.line("  no events") }
    for book in answer.books { try await events.show(book, to: &output) }
    for projection in answer.projections {
      try await projections.show(projection, updatedAt: nil, to: &output)
    }
    for failure in answer.failures {
      complain(
        "\(failure.processor) failed, and will be tried again: \(failure.message)".displayed)
    }
  }

  private func object(
    _ answer: Evented.SynchronousProcessingResponse, of cover: Cover, _ commandID: String
  ) async -> JSONValue {
    var pages: [JSONValue] = []
    for book in answer.books {
      for page in book.pages.pages { pages.append(await events.object(page, of: book)) }
    }
    var projected: [JSONValue] = []
    for projection in answer.projections { projected.append(await projections.object(projection)) }
    let failures: [JSONValue] = answer.failures.map {
      ["processor": .string($0.processor.text), "message": .string($0.message)]
    }
    var members = cover.members + [.init("commandId", .string(commandID))]
    members += answer.position?.members ?? []
    members += [
      .init("alreadyHandled", .bool(answer.alreadyHandled)), .init("events", .array(pages)),
      .init("projections", .array(projected)), .init("failures", .array(failures)),
    ]
    return .object(members)
  }
}
