import Encodings
import EventModel
import JSON

/// A commit in a message channel: an `evented.EventBook`, with headers that consumers can read
/// without decoding it.
///
/// Adapters put names and values into their brokers' headers. CloudEvents 1.0 prescribes a prefix
/// for each protocol; Outrider's own headers have none.
public struct EventMessage: Sendable {
  /// The header that a reader needs besides the body.
  public static let commitIDHeader = "outrider-commit-id"
  /// The body's content type (CloudEvents' `datacontenttype`).
  public static let contentType = "application/protobuf"

  public var headers: MessageHeaders
  /// An `evented.EventBook` with its position.
  public var body: Bytes

  /// - Parameter cloudEvents: the prefix of CloudEvents' attributes in the broker's binding.
  public init(_ recorded: RecordedCommit, cloudEvents prefix: String) {
    let commit = recorded.commit
    let book = EventBook(recorded)
    let id = commit.id.description
    headers = MessageHeaders(reserving: 13, byteCount: 640)
    headers.append(prefix: prefix, "specversion", "", "1.0")
    headers.append(prefix: prefix, "id", "", id)
    headers.append(
      prefix: prefix, "source", "/domains/", URIEncoding.encode(commit.cover.domain.utf8))
    headers.append(prefix: prefix, "type", "", commit.pages.firstEventType ?? "evented.EventBook")
    headers.append(prefix: prefix, "subject", "", commit.cover.root.description)
    let time = commit.createdAt
    if let time = RFC3339(seconds: time.seconds, nanoseconds: time.nanoseconds) {
      headers.append(prefix: prefix, "time", "", time.description)
    }
    headers.append(Self.commitIDHeader, id)
    headers.append("outrider-partition", String(recorded.position.partition))
    headers.append("outrider-position", String(recorded.position.number))
    headers.append("outrider-sequence", String(commit.pages.first.rawValue))
    headers.append("outrider-events", String(commit.pages.count))
    headers.append("outrider-correlation", book.origin.correlation)
    if !commit.origin.annotations.isEmpty,
      let annotations = try? Evented.Annotations(commit.origin)
    {
      for name in ["traceparent", "tracestate"] {
        if let value = annotations.headers[Name(name)] { headers.append(name, value) }
      }
    }
    body = book.wireBytes
  }
}

extension RecordedCommit {
  /// Decodes a channel's message. Removes the publisher's placeholders of a commit without command
  /// id or correlation, so that such commits share books.
  ///
  /// - Parameter commitID: the value of `EventMessage.commitIDHeader`.
  public init(message body: Bytes, commitID: String?) throws(WireError) {
    let book = try EventBook(wireBytes: body)
    guard let position = book.position else { throw .missing("position") }
    guard let commitID, let id = CommitID(commitID) else {
      throw .invalid(EventMessage.commitIDHeader, "is not a UUID")
    }
    self.init(book, at: position, id: id)
  }

  /// A commit for readers: the logic's snapshot stays in the store.
  public init(_ book: EventBook, at position: Position, id: CommitID) {
    var origin = book.origin
    if origin.correlation.bytewise == book.commandID.bytewise { origin.correlation = "" }
    let stamp = book.pages.slice(from: book.pages.first, upTo: book.pages.first.advanced(by: 1))
    self.init(
      position: position,
      commit: Commit(
        cover: book.cover, id: id, pages: book.pages,
        commandID: book.commandID.bytewise == Name(id.description) ? nil : book.commandID,
        origin: origin,
        createdAt: stamp.pages.first?.createdAt ?? Timestamp(seconds: 0, nanoseconds: 0)))
  }
}
