import EventModel
import JSON
import Payloads
import Wire

/// Prints dispatched commands: their status, content and events.
struct CommandPrinter {
  let payloads: PayloadPrinter
  let json: Bool

  private var events: EventPrinter { EventPrinter(payloads: payloads, json: json) }

  /// For people, the content and events are below the command's name.
  func show(_ status: OutriderV1.CommandStatus, to output: inout StandardOutput) async throws {
    guard !json else { return try output.line(await object(status).text) }
    try output.line("\(status.reference)  \(standing(status))")
    for page in pages(of: status) {
      try output.line(
        "  \(await payloads.text(Payload(leniently: page.command), of: status.reference.cover.domain))"
      )
    }
    if let book = status.outcome.events { try await events.show(book, to: &output) }
  }

  private func pages(of status: OutriderV1.CommandStatus) -> [Evented.CommandPage] {
    (try? Evented.CommandBook(wireBytes: status.outcome.command.encoded))?.pages ?? []
  }

  private func standing(_ status: OutriderV1.CommandStatus) -> String {
    let time = status.outcome.endedAt.map { " at \($0.text)" } ?? ""
    switch status.outcome.end {
    case .appended(_, let position): return "appended\(time), position \(position)"
    case .nothingToDo: return "nothing to do\(time)"
    case .refused(let code, let message): return "refused\(time): \(code): \(message)"
    case .expired: return "expired\(time)"
    case .cancelled: return "cancelled\(time)"
    case nil:
      let due = status.notBefore.map { ", not before \($0.text)" } ?? ""
      let expiry = status.expiresAt.map { ", until \($0.text)" } ?? ""
      return "dispatched at \(status.dispatchedAt.text)\(due)\(expiry)"
    }
  }

  private func object(_ status: OutriderV1.CommandStatus) async -> JSONValue {
    var members = status.reference.members
    let outcome = status.outcome
    if !outcome.command.origin.correlation.isEmpty {
      members.append(.init("correlation", .string(outcome.command.origin.correlation)))
    }
    members.append(.init("dispatchedAt", .string(status.dispatchedAt.text)))
    for (name, time) in [
      ("notBefore", status.notBefore), ("expiresAt", status.expiresAt),
      ("endedAt", outcome.endedAt),
    ] {
      if let time { members.append(.init(name, .string(time.text))) }
    }
    members += outcome.end.members
    var commands: [JSONValue] = []
    for page in pages(of: status) {
      commands.append(
        .object(
          await payloads.members(
            Payload(leniently: page.command), of: status.reference.cover.domain)))
    }
    members.append(.init("commands", .array(commands)))
    if let book = outcome.events {
      var pages: [JSONValue] = []
      for page in book.pages.pages { pages.append(await events.object(page, of: book)) }
      members.append(.init("events", .array(pages)))
    }
    return .object(members)
  }
}
