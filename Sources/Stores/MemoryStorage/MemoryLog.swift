import EventModel
import EventSourcing

/// A log with its streams. A value, guarded by `MemoryDomain`.
struct MemoryLog {
  /// One aggregate's commits, by their indices in the log.
  private struct Stream {
    var indices: [Int] = []
    var next = SequenceNumber.first
    /// The index of the commit with the latest snapshot.
    var snapshotIndex: Int?
    var indexOfCommandID: [Name: Int] = [:]

    mutating func add(_ commit: Commit, at index: Int) {
      indices.append(index)
      next = commit.pages.next
      if commit.snapshot != nil { snapshotIndex = index }
      if let id = commit.commandID { indexOfCommandID[Name(id)] = index }
    }
  }

  /// A commit with a cause. Ordered by the cause's sequence number, then by its own index.
  private struct Effect {
    var cause: SequenceNumber
    var index: Int

    func isBehind(_ other: Effect) -> Bool {
      (cause, index) > (other.cause, other.index)
    }
  }

  /// The commit at position n is at index n − 1.
  private var commits: [Commit] = []
  private var streams: [Root: Stream] = [:]
  /// The ends of barred commands, by their ids.
  private var barred: [Root: [Name: EndWithoutEvents]] = [:]
  /// Commits with a cause, by the aggregate of the causing event.
  private var effects: [Cover: [Effect]] = [:]

  /// The last commit's position; number 0 if the log is empty.
  var head: Position { Position(number: UInt64(commits.count)) }

  mutating func append(_ commit: Commit) -> AppendOutcome {
    let root = commit.cover.root
    if let id = commit.commandID, let conclusion = conclusion(of: root, commandID: id) {
      switch conclusion {
      case .appended(let earlier): return .alreadyHandled(earlier)
      case .barred(let end): return .barred(end)
      }
    }
    let next = next(of: root)
    guard commit.pages.first == next else { return .conflict(next: next) }

    let index = commits.count
    commits.append(commit)
    if let cause = commit.origin.causingEvent {
      note(Effect(cause: cause.sequence, index: index), of: cause.cover)
    }
    streams[root, default: Stream()].add(commit, at: index)
    return .appended(head)
  }

  mutating func bar(
    _ commandID: String, of root: Root, as end: EndWithoutEvents
  ) -> CommandConclusion {
    if let conclusion = conclusion(of: root, commandID: commandID) { return conclusion }
    barred[root, default: [:]][Name(commandID)] = end
    return .barred(end)
  }

  func next(of root: Root) -> SequenceNumber { streams[root]?.next ?? .first }

  func load(_ cover: Cover) -> Aggregate {
    guard let stream = streams[cover.root] else { return Aggregate(cover: cover) }
    let snapshot = snapshot(of: cover.root)
    let tail = indices(of: stream, from: snapshot?.next ?? .first)
    var pages = PageBlock(emptyAt: tail.first.map { commits[$0].pages.first } ?? stream.next)
    for index in tail { pages.append(commits[index].pages) }
    return Aggregate(cover: cover, snapshot: snapshot, pages: pages)
  }

  func snapshot(of root: Root) -> Snapshot? {
    streams[root]?.snapshotIndex.flatMap { commits[$0].snapshot }
  }

  func commits(
    of root: Root, from lower: SequenceNumber, limit: ReadLimit
  ) -> [RecordedCommit] {
    guard let stream = streams[root] else { return [] }
    return read(indices(of: stream, from: lower), limit: limit)
  }

  func conclusion(of root: Root, commandID: String) -> CommandConclusion? {
    let id = Name(commandID)
    if let index = streams[root]?.indexOfCommandID[id] { return .appended(recorded(at: index)) }
    return barred[root]?[id].map(CommandConclusion.barred)
  }

  func commits(after position: Position, limit: ReadLimit) -> [RecordedCommit] {
    guard position.number < head.number else { return [] }
    return read(Int(position.number)..<commits.count, limit: limit)
  }

  /// Scans every root: simple, and fast enough for data in memory.
  func roots(after root: Root?, limit: Int) -> [Root] {
    let behind = root.map { root in streams.keys.filter { $0 > root } } ?? Array(streams.keys)
    return Array(behind.sorted().prefix(limit))
  }

  func effects(
    of causes: [EventRange], after last: RecordedCommit?, limit: ReadLimit
  ) -> [RecordedCommit] {
    var portion = Portion<RecordedCommit>(limit)
    for span in CauseSpan.spans(of: causes, after: last) {
      let start = Effect(
        cause: span.range.first, index: span.position.map { Int($0.number) - 1 } ?? -1)
      for effect in effects[span.range.cover] ?? []
      where effect.isBehind(start) && effect.cause < span.range.next {
        if !portion.take(recorded(at: effect.index)) { return portion.entries }
      }
    }
    return portion.entries
  }

  /// Most effects belong to the latest events, so search their place from the end.
  private mutating func note(_ effect: Effect, of cover: Cover) {
    let place = effects[cover]?.lastIndex { effect.isBehind($0) }.map { $0 + 1 } ?? 0
    effects[cover, default: []].insert(effect, at: place)
  }

  // MARK: Reading by index

  private func recorded(at index: Int) -> RecordedCommit {
    RecordedCommit(position: Position(number: UInt64(index) + 1), commit: commits[index])
  }

  /// The stream's commits from the one that contains `lower`; a binary search.
  private func indices(of stream: Stream, from lower: SequenceNumber) -> ArraySlice<Int> {
    var range = stream.indices.startIndex..<stream.indices.endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let isBefore = commits[stream.indices[middle]].pages.next <= lower
      range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return stream.indices[range.lowerBound...]
  }

  private func read(_ indices: some Sequence<Int>, limit: ReadLimit) -> [RecordedCommit] {
    var portion = Portion<RecordedCommit>(limit)
    for index in indices where !portion.take(recorded(at: index)) { break }
    return portion.entries
  }
}
