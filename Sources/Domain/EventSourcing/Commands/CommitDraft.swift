import EventModel

/// Makes a commit from a proposed book: checks it against the stream, then numbers and stamps the
/// pages. No I/O, no clock.
struct CommitDraft {
  enum Author {
    /// A mistake in the book is a defect of business logic.
    case logic
    /// A mistake in the book is the client's own.
    case client
  }

  let author: Author
  let cover: Cover
  /// The number of the first page.
  let next: SequenceNumber
  /// The snapshot that is already stored.
  var snapshot: Snapshot?
  /// Whether synchronous processors handle the events before the answer: all events or none.
  let isSynchronous: Bool
  /// The limit of pages and snapshot together.
  let bytesMax: Int

  /// Numbers and stamps the pages.
  func pages(of book: ProposedBook, at now: Timestamp) throws(EventSourcingError) -> PageBlock {
    if let named = book.cover, named != cover {
      throw mistake("the book is about \(named), but \(cover) was asked for")
    }
    var block = PageBlock(emptyAt: next)
    for (index, page) in book.pages.enumerated() {
      guard !page.body.isEmpty else { throw mistake("pages[\(index)].event is missing") }
      guard block.next.advanced(by: 1) != nil else {
        throw EventSourcingError(.precondition, "\(cover) has used up its sequence numbers")
      }
      try check(page.number, of: index, against: block.next)
      block.append(
        EventPage(
          sequence: block.next, createdAt: page.createdAt ?? now, synchronous: isSynchronous,
          body: page.body))
    }
    try checkSize(pages: block.bytes.count, snapshot: book.snapshot?.state.count ?? 0)
    try check(book.snapshot, against: block)
    return block
  }

  /// A retry cannot help, so the error is the caller's, also when the logic made the events.
  private func checkSize(pages: Int, snapshot: Int) throws(EventSourcingError) {
    guard pages + snapshot > bytesMax else { return }
    throw EventSourcingError(
      .invalid,
      "the new events of \(cover) take \(pages) bytes and their snapshot \(snapshot), but a commit "
        + "may take \(bytesMax) (limit.commit-size): store large payloads elsewhere")
  }

  private func check(
    _ number: ProposedPage.Number, of index: Int, against next: SequenceNumber
  ) throws(EventSourcingError) {
    guard case .exactly(let number) = number, number != next else { return }
    if author == .client && index == 0 {
      throw EventSourcingError(
        .precondition,
        "pages[0].num is \(number), but the next event of \(cover) is number \(next): "
          + "read the aggregate and decide again")
    }
    throw mistake("pages[\(index)].num is \(number), but must be \(next), or not set")
  }

  /// Checks the number of the last event that a snapshot includes. A forgotten number reads as 0,
  /// so 0 is valid only if event 0 is the last: no event may be applied to the state twice.
  private func check(
    _ snapshot: Snapshot?, against pages: PageBlock
  ) throws(EventSourcingError) {
    guard let snapshot else { return }
    guard !pages.isEmpty else {
      throw mistake("there is a snapshot without a page: a snapshot is stored with its events")
    }
    let last = SequenceNumber(pages.next.rawValue - 1)
    guard snapshot.sequence <= last else {
      throw mistake(
        "snapshot.sequence is \(snapshot.sequence), beyond the last event, number \(last)")
    }
    guard snapshot.sequence != .first || last == .first else {
      throw mistake(
        "snapshot.sequence is 0 or not set: it must be the number of the last event that the "
          + "state includes, \(last) where it includes all")
    }
    if let stored = self.snapshot, snapshot.sequence < stored.sequence {
      throw mistake(
        "snapshot.sequence is \(snapshot.sequence), before the snapshot that is stored already, "
          + "\(stored.sequence)")
    }
  }

  /// Checks the pages' payloads. The error names the page, the type and the field's path.
  static func check(
    _ book: ProposedBook, from author: Author, by payloads: (any PayloadRule)?
  ) async throws {
    guard let payloads else { return }
    for (index, page) in book.pages.enumerated() where !page.body.isEmpty {
      guard let flaw = try await payloads.flaw(ofEvent: page.body) else { continue }
      throw mistake("pages[\(index)].event: \(flaw)", of: author)
    }
  }

  private func mistake(_ message: String) -> EventSourcingError {
    Self.mistake(message, of: author)
  }

  private static func mistake(_ message: String, of author: Author) -> EventSourcingError {
    switch author {
    case .logic:
      EventSourcingError(.logicDefect, "business logic answered a wrong book: " + message)
    case .client: EventSourcingError(.invalid, message)
    }
  }
}
