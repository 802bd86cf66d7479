import EventModel
import EventSourcing
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct JoiningTests {
  private func recorded(
    _ first: SequenceNumber, _ texts: String, id: String? = nil, correlation: String = "",
    annotations: Bytes = []
  ) -> RecordedCommit {
    var commit = commit(at: first, texts, commandID: id)
    commit.origin = Origin(correlation: correlation, annotations: annotations)
    return RecordedCommit(position: Position(number: UInt64(first.rawValue) + 1), commit: commit)
  }

  private let alike = 1 << 20

  @Test func commitsThatAgreeShareABookWhichCarriesWhatTheyAgreeOn() {
    let commits = [0, 1, 2].map { recorded(SequenceNumber($0), "e", correlation: "c") }
    let books = EventBook.joining(commits, bytesMax: alike)
    #expect(books.map { $0.pages.count } == [3])
    #expect(books[0].origin.correlation == "c")
    #expect(books[0].commandID == nil)
  }

  @Test(
    arguments: [
      ("x", "", []), (nil, "c", []), (nil, "", [1]),
    ] as [(String?, String, Bytes)])
  func commitsThatDifferInAnythingAreSplit(id: String?, correlation: String, annotations: Bytes) {
    let commits = [
      recorded(0, "a"), recorded(1, "b"),
      recorded(2, "c", id: id, correlation: correlation, annotations: annotations),
      recorded(3, "d"),
    ]
    let books = EventBook.joining(commits, bytesMax: alike)
    #expect(books.map { texts($0.pages) } == [["a", "b"], ["c"], ["d"]])
    // A book of one commit names it, as readers see it.
    let names = commits.map { $0.commit.commandID ?? $0.commit.id.description }
    #expect(books.map(\.commandID) == [nil, names[2], names[3]])
    #expect(
      books.map(\.origin.correlation)
        == ["", correlation.isEmpty ? names[2] : correlation, names[3]])
    #expect(books.map(\.origin.annotations) == [[], annotations, []])
  }

  /// `String` holds both equal.
  @Test(arguments: [("K", "\u{212A}"), ("\u{E9}", "e\u{301}")])
  func whatOnlyLooksTheSameSharesNoBook(_ left: String, _ right: String) {
    for texts in [[left, right], [right, left]] {
      let ids = texts.enumerated().map { recorded(SequenceNumber(UInt32($0)), "e", id: $1) }
      let byID = EventBook.joining(ids, bytesMax: alike)
      #expect(byID.map(\.commandID.bytewise) == texts.map { Name($0) })
      let correlations = texts.enumerated().map {
        recorded(SequenceNumber(UInt32($0)), "e", correlation: $1)
      }
      let byCorrelation = EventBook.joining(correlations, bytesMax: alike)
      #expect(byCorrelation.map(\.origin.correlation.bytewise) == texts.map { Name($0) })
    }
  }

  @Test func bothBoundsAndTheSizeHold() {
    let commits = [0, 1, 2, 3].map { recorded(SequenceNumber($0), "e", id: "\($0 / 2)") }
    let middle = EventBook.joining(commits, from: 1, upTo: 3, bytesMax: alike)
    #expect(middle.map { $0.pages.first } == [1, 2])
    #expect(middle.map(\.commandID) == ["0", "1"])
    let singles = EventBook.joining(commits, bytesMax: 0)
    #expect(singles.map { $0.pages.first } == [0, 1, 2, 3])
    #expect(singles.map(\.commandID) == ["0", "0", "1", "1"])
    #expect(EventBook.joining(commits, from: 4, bytesMax: alike).isEmpty)
  }

  @Test func gapRepairKeepsWhatEachEventCarries() async throws {
    let store = try await memoryStore()
    for (number, id) in ["x", "y", "z"].enumerated() {
      _ = try await store.append(commit(at: SequenceNumber(UInt32(number)), "e", commandID: id))
    }
    let seen = SeenIDs()
    let projector = Projector(name: "p", store: store, logic: seen)
    _ = try await projector.handle(EventBook(commit(at: 2, "e", commandID: "z")), deadline: soon)
    #expect(seen.ids == ["x", "y", "z"])
  }
}

private final class SeenIDs: ProjectorLogic {
  private let seen = Mutex<[String?]>([])
  var ids: [String?] { seen.withLock { $0 } }

  func project(
    _ book: EventBook, previous: Projection?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes? {
    seen.withLock { $0.append(book.commandID) }
    return []
  }
}
