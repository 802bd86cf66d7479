import EventModel

extension CommandHandler {
  /// Nothing is read first where nothing needs to be: a wrong guess costs one refused append, which
  /// says what is right.
  func append(
    _ book: ProposedBook, on cover: Cover, _ cached: KnownAggregate?,
    deadline: ContinuousClock.Instant
  ) async throws -> CommandResult {
    if states != nil, book.snapshot != nil {
      throw EventSourcingError(
        .invalid,
        "snapshot is set, but \(cover.domain) has logic.style functions: its states are what Apply "
          + "makes of events")
    }
    var known = cached
    if book.snapshot != nil && known == nil {
      known = try await load(cover, since: nil, deadline: deadline)
    }
    var next = book.assumedNext ?? known?.end ?? .first
    for _ in 0..<limits.attemptsMax {
      try check(book.expected, against: next, of: cover)
      let draft = CommitDraft(
        author: .client, cover: cover, next: next, snapshot: known?.aggregate.snapshot,
        isSynchronous: book.isSynchronous, bytesMax: limits.commitBytesMax)
      let now = environment.now()
      let commit = Commit(
        cover: cover, id: environment.newCommitID(), pages: try draft.pages(of: book, at: now),
        snapshot: book.snapshot, commandID: book.commandID, origin: book.origin, createdAt: now)
      switch try await append(commit) {
      case .appended(let position):
        if var known, known.end == next {
          if states == nil { known.apply(commit) } else { known.note(commit) }
          cache.put(known)
        }
        return CommandResult(
          Decided(commit: commit, isSynchronous: draft.isSynchronous), at: position)
      case .alreadyHandled(let earlier):
        return CommandResult(repeating: earlier)
      case .barred(let end): return try answer(.barred(end), to: book.commandID, of: cover)
      case .conflict(let actual):
        known =
          book.snapshot == nil ? nil : try await load(cover, since: nil, deadline: deadline)
        next = known?.aggregate.next ?? actual
      }
    }
    throw contention(on: cover)
  }
}

extension ProposedBook {
  /// Whether a page asks for all events of the commit to be synchronous.
  var isSynchronous: Bool { pages.contains(where: \.synchronous) }

  /// Where the book starts if the stream is where its author says it is.
  var assumedNext: SequenceNumber? {
    if let expected { return expected }
    if case .exactly(let number)? = pages.first?.number { return number }
    return nil
  }
}
