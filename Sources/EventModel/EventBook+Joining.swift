extension EventBook {
  /// The commits' pages in as few books as sizes and origins allow: commits with the same command
  /// id, correlation, cause and headers share a book, which carries them.
  ///
  /// - Parameters:
  ///   - commits: consecutive commits of one aggregate.
  ///   - lower: the first page to give.
  ///   - upper: the page behind the last to give; nil: all.
  ///   - bytesMax: pages of one book; a single larger page goes alone.
  public static func books(
    of commits: [RecordedCommit], from lower: SequenceNumber = .first,
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
      } else {
        var book = EventBook(commit)
        book.pages = pages
        books.append(book)
      }
      last = commit
    }
    return books.flatMap { $0.split(bySize: bytesMax) }
  }

  /// Books of at most so many bytes of pages each; a single larger page goes alone.
  public func split(bySize bytesMax: Int) -> [EventBook] {
    if pages.bytes.count <= bytesMax { return [self] }
    return pages.split(bySize: bytesMax).map { part in
      var book = self
      book.pages = part
      return book
    }
  }
}

extension Commit {
  /// Whether one book may speak for both.
  fileprivate func hasOrigin(of other: Commit) -> Bool {
    commandID == other.commandID && origin == other.origin
  }
}
