import Encodings
import EventModel
import HTTP1
import JSON
import RPC
import Wire

extension RestRequest {
  /// Streams one aggregate's events: the stored ones, then new ones from its domain's log.
  func followEvents(
    of cover: Cover, from: SequenceNumber, follows: Bool
  ) async throws -> HTTPResponse {
    let heads: OutriderV1.HeadResponse = try await call(
      gateway.backends.queries(cover.domain), "outrider.v1.Log", "Head",
      OutriderV1.HeadRequest(domain: cover.domain), try options())
    let options = try options(isEndless: true)
    let shown = CommitJSON(codec: gateway.codec(of: cover.domain, for: options))
    let past = try await stream(
      gateway.backends.queries(cover.domain), "evented.EventQuery", "GetEvents",
      Evented.Query(cover: cover, lower: from), options)
    return HTTPResponse(
      events: ServerSentEvents { writer in
        var feed = AggregateFeed(cover: cover, next: from, shown: shown, writer: writer)
        for try await message in past.responses { try await feed.send(Self.decoded(message)) }
        guard follows else { return }
        try await follow(&feed, from: feed.position.map { [$0] } ?? heads.positions, options)
      })
  }

  /// From `Last-Event-ID`, which a browser sends when it reconnects.
  var lastSequence: SequenceNumber? {
    get throws(HTTPFailure) {
      guard let text = http.fields["Last-Event-ID"], !text.isEmpty else { return nil }
      guard let last = UInt32(digits: text.utf8), let next = SequenceNumber(last).advanced(by: 1)
      else {
        throw HTTPFailure(400, "Last-Event-ID must be the number of an event, such as 6")
      }
      return next
    }
  }

  /// - Parameter heads: the ends of the log's partitions to start from.
  private func follow(
    _ feed: inout AggregateFeed, from heads: [Position], _ options: CallOptions
  ) async throws {
    guard let head = feed.cover.root.partition(among: heads) else { return }
    let call = try await stream(
      gateway.backends.queries(feed.cover.domain), "outrider.v1.Log", "Read",
      OutriderV1.ReadLogRequest(domain: feed.cover.domain, after: head, follow: true), options)
    for try await message in call.responses {
      let entry: OutriderV1.LogEntry = try Self.decoded(message)
      guard case .commit(let book, _, _) = entry.content else { continue }
      try await feed.send(book)
    }
  }
}

extension Root {
  /// The end of the partition that gets the aggregate's events.
  fileprivate func partition(among heads: [Position]) -> Position? {
    guard heads.count > 1 else { return heads.first ?? Position(number: 0) }
    let partition = partition(of: UInt32(heads.count))
    return heads.first { $0.partition == partition }
  }
}

/// One aggregate's events, each once and in order.
private struct AggregateFeed {
  let cover: Cover
  /// The next event to send.
  var next: SequenceNumber
  let shown: CommitJSON
  let writer: ServerSentEvents.Writer
  /// The position of the last book, if known.
  private(set) var position: Position?

  init(
    cover: Cover, next: SequenceNumber, shown: CommitJSON, writer: ServerSentEvents.Writer
  ) {
    self.cover = cover
    self.next = next
    self.shown = shown
    self.writer = writer
  }

  mutating func send(_ book: EventBook) async throws {
    guard book.cover == cover else { return }
    position = book.position ?? position
    for page in book.pages.pages where page.sequence >= next {
      try await writer.send(await shown.event(page, of: book), id: "\(page.sequence)")
      next = page.sequence.advanced(by: 1) ?? page.sequence
    }
  }
}
