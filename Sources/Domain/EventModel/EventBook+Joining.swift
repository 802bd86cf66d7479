extension EventBook {
  /// Joins the commits' pages into as few books as sizes and origins allow, for a consumer that
  /// catches up.
  ///
  /// Commits with the same command id, correlation, cause and headers share a book, which carries
  /// them. Commits without a client's command id share a book without one: the ids that `books`
  /// derives from their commit ids would keep them apart.
  ///
  /// - Parameters:
  ///   - commits: consecutive commits of one aggregate.
  ///   - lower: the first page to give.
  ///   - upper: the page behind the last to give; nil: all.
  ///   - bytesMax: pages of one book; a single larger page goes alone.
  public static func joining(
    _ commits: [RecordedCommit], from lower: SequenceNumber = .first,
    upTo upper: SequenceNumber? = nil, bytesMax: Int
  ) -> [EventBook] {
    var books: [EventBook] = []
    var last: Commit?
    for commit in commits.map(\.commit) {
      let pages = commit.pages.slice(from: lower, upTo: upper)
      if pages.isEmpty { continue }
      let end = books.endIndex - 1
      if let last, last.hasOrigin(of: commit), last.pages.next == pages.first {
        books[end].pages.append(pages)
        books[end].commandID = commit.commandID
        books[end].origin = commit.origin
      } else {
        var book = EventBook(commit)
        book.pages = pages
        books.append(book)
      }
      last = commit
    }
    return books.flatMap { $0.split(bySize: bytesMax) }
  }
}

extension Commit {
  /// Whether one book can represent both commits.
  fileprivate func hasOrigin(of other: Commit) -> Bool {
    commandID.bytewise == other.commandID.bytewise && origin == other.origin
  }
}
