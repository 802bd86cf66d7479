import EventModel
import JSON
import SidecarConfiguration
import Wire

/// Lengths of aggregates' histories in a domain: the events behind the latest snapshot, which
/// business logic receives with a command.
struct HistoryStatistics {
  struct History: Equatable {
    /// All events of the aggregate.
    var eventCount = 0
    /// Events behind the latest snapshot.
    var historyCount = 0
    /// Bytes of these events, without the snapshot.
    var historyBytes = 0
  }

  private(set) var histories: [Root: History] = [:]

  /// Adds the next commit of the log.
  mutating func take(_ book: EventBook, historyFrom: SequenceNumber?) {
    var history = histories[book.cover.root] ?? History()
    history.eventCount += book.pages.count
    if historyFrom != nil { (history.historyCount, history.historyBytes) = (0, 0) }
    let pages = historyFrom.map { book.pages.slice(from: $0) } ?? book.pages
    history.historyCount += pages.count
    history.historyBytes += pages.bytes.count
    histories[book.cover.root] = history
  }

  /// The longest histories, longest first.
  func longest(_ count: Int) -> [(root: Root, history: History)] {
    histories.sorted {
      ($0.value.historyBytes, $1.key) > ($1.value.historyBytes, $0.key)
    }.prefix(count).map { ($0.key, $0.value) }
  }
}

extension HistoryStatistics {
  /// Reads the domain's whole log.
  init(
    of domain: Name, from client: Client, progress: (Position, _ head: Position) -> Void
  ) async throws {
    self.init()
    let head = try await client.call(
      "outrider.v1.Log", "Head", OutriderV1.HeadRequest(domain: domain),
      as: OutriderV1.HeadResponse.self)
    for end in head.positions where end.number > 0 {
      let request = OutriderV1.ReadLogRequest(
        domain: domain, after: Position(partition: end.partition, number: 0))
      try await client.stream(
        "outrider.v1.Log", "Read", request, as: OutriderV1.LogEntry.self, isEndless: true
      ) { entry in
        progress(entry.position, end)
        guard case .commit(let book, _, let historyFrom) = entry.content else { return }
        take(book, historyFrom: historyFrom)
      }
    }
  }
}
