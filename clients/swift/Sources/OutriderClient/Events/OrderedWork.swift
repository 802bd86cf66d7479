/// Queues of work: in order within a queue, concurrent between queues, up to a limit.
///
/// One task drains each queue: `add` says when to start it, `take` when it ends.
struct OrderedWork<Key: Hashable & Sendable, Item: Sendable>: Sendable {
  /// The next step of a task.
  enum Next: Sendable {
    case handle(Entry)
    /// The queue is empty, or the work is closed: the task ends.
    case end
  }

  struct Entry: Sendable {
    let item: Item
    fileprivate let number: UInt64
  }

  /// A queue exists as long as its task.
  private var queues: [Key: [Entry]] = [:]
  private var permits: Int
  private var added: UInt64 = 0
  private(set) var isClosed = false

  /// - Parameter workers: the most items handled at once.
  init(workers: Int) { permits = workers }

  /// True once no task runs, and none will.
  var hasEnded: Bool { isClosed && queues.isEmpty }

  /// True if the queue is new, and needs a task.
  mutating func add(_ item: Item, to key: Key) -> Bool {
    guard !isClosed else { return false }
    added += 1
    let isNew = queues[key] == nil
    queues[key, default: []].append(Entry(item: item, number: added))
    return isNew
  }

  /// The head of a queue; nil while the limit is reached.
  mutating func take(_ key: Key) -> Next? {
    guard !isClosed, let head = queues[key]?.first else {
      queues[key] = nil
      return .end
    }
    guard permits > 0 else { return nil }
    permits -= 1
    return .handle(head)
  }

  /// Removes a handled entry.
  mutating func finish(_ entry: Entry, of key: Key) {
    permits += 1
    // It may have been dropped meanwhile.
    if queues[key]?.first?.number == entry.number { queues[key]?.removeFirst() }
  }

  /// Releases the permit of an entry that is to be retried later, so that others run meanwhile.
  mutating func postpone() { permits += 1 }

  /// True if the entry is still the head of its queue.
  func isWanted(_ entry: Entry, of key: Key) -> Bool {
    queues[key]?.first?.number == entry.number
  }

  /// Drops items. Those being handled finish, and are not taken again.
  mutating func drop(where isUnwanted: (Item) -> Bool) {
    for key in queues.keys { queues[key]?.removeAll { isUnwanted($0.item) } }
  }

  /// Closes the work: no more items are handed out.
  mutating func close() { isClosed = true }
}
