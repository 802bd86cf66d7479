import Encodings
import EventModel
import JSON
import Payloads
import Wire

/// Prints a dead letter with all its content.
struct LetterPrinter {
  /// The bytes shown to people of a body that is not an event book.
  private static let headBytes = 256

  let events: EventPrinter
  let showsBody: Bool

  func show(_ letter: OutriderV1.DeadLetter, to output: inout StandardOutput) async throws {
    let book = showsBody ? try? EventBook(wireBytes: letter.body) : nil
    if events.json { return try output.line(await object(letter, book).text) }
    try output.line("id            \(letter.id)")
    try output.line("projector     \(letter.subscription)")
    try output.line("domain        \(letter.domain), partition \(letter.partition)")
    try output.line("set aside at  \(letter.setAsideAt?.text ?? "unknown: by another tool")")
    if !letter.reason.isEmpty { try output.line("reason        \(letter.reason)") }
    for header in letter.headers {
      try output.line("header        \(header.name): \(header.value)")
    }
    guard showsBody else { return }
    guard let book else {
      for line in Self.head(of: letter.body) { try output.line(line) }
      return
    }
    try output.line("body          \(letter.bodySize) bytes, events of \(book.cover)")
    try await events.show(book, to: &output)
  }

  private func object(_ letter: OutriderV1.DeadLetter, _ book: EventBook?) async -> JSONValue {
    var members = letter.members
    let headers = letter.headers.map { header in
      JSONValue.object([
        .init("name", .string(header.name)), .init("value", .string(header.value)),
      ])
    }
    members.append(.init("headers", .array(headers)))
    if showsBody { members.append(.init("body", .string(base64: letter.body))) }
    if let book {
      var shown: [JSONValue] = []
      for page in book.pages.pages { shown.append(await events.object(page, of: book)) }
      members.append(.init("events", .array(shown)))
    }
    return .object(members)
  }

  /// The beginning of a body, as text if it is text, else in hexadecimal.
  static func head(of body: Bytes) -> [String] {
    let size = "body          \(body.count) bytes"
    if body.isEmpty { return [size] }
    let head = body.prefix(headBytes)
    let rest = body.count > headBytes ? ["… --body FILE writes all of it"] : []
    if let text = text(head, isCut: body.count > headBytes) {
      return [size + ", text:"] + text.split(whereSeparator: \.isNewline).map { "  \($0)" } + rest
    }
    let lines = stride(from: 0, to: head.count, by: 32).map { start in
      let digits = head[start..<min(start + 32, head.count)].map { Hexadecimal.encode([$0]) }
      return "  " + digits.joined(separator: " ")
    }
    return [size + ", in hexadecimal:"] + lines + rest
  }

  /// Nil if it is not text. A cut body may end within a character.
  private static func text(_ bytes: Bytes.SubSequence, isCut: Bool) -> String? {
    let cuts = (isCut ? 0...3 : 0...0).lazy
    let text = cuts.compactMap { String(validating: bytes.dropLast($0), as: UTF8.self) }.first
    let isShown = text?.unicodeScalars.allSatisfy { scalar in
      scalar.value >= 32 || ["\n", "\r", "\t"].contains(scalar)
    }
    return isShown == true ? text : nil
  }
}

extension OutriderV1.DeadLetter {
  var line: String {
    "\(id)  \(subscription)  \(domain)/\(partition)  \(padded("\(bodySize)", 7)) bytes, "
      + "\(setAsideAt?.text ?? "at an unknown time"): "
      + "\(reason.isEmpty ? "another tool put it there" : reason)"
  }

  /// All members except headers and body.
  var members: [JSONValue.Member] {
    var members: [JSONValue.Member] = [
      .init("id", .string(id)), .init("subscription", .string(subscription.text)),
      .init("domain", .string(domain.text)), .init("partition", .integer(partition)),
      .init("reason", .string(reason)),
    ]
    if let setAsideAt { members.append(.init("setAsideAt", .string(setAsideAt.text))) }
    members.append(.init("bodySize", .integer(bodySize)))
    return members
  }
}
