/// Work in queues: in order within a queue, and queues beside each other, so many at a time.
///
/// Each queue has one task that drains it: `add` says when to start it, `take` when it ends.
struct OrderedWork<Key: Hashable & Sendable, Item: Sendable>: Sendable {
  /// What a task is to do next.
  enum Next: Sendable {
    case handle(Entry)
    /// Its queue is empty, or nothing more is handled: the task ends.
    case end
  }

  struct Entry: Sendable {
    let item: Item
    fileprivate let number: UInt64
  }

  /// A queue is there as long as its task.
  private var queues: [Key: [Entry]] = [:]
  private var permits: Int
  private var added: UInt64 = 0
  private(set) var isClosed = false

  /// - Parameter workers: how many items are handled at a time.
  init(workers: Int) { permits = workers }

  /// No task is at work any more, nor will one be.
  var hasEnded: Bool { isClosed && queues.isEmpty }

  /// True if the queue is new, and needs a task.
  mutating func add(_ item: Item, to key: Key) -> Bool {
    guard !isClosed else { return false }
    added += 1
    let isNew = queues[key] == nil
    queues[key, default: []].append(Entry(item: item, number: added))
    return isNew
  }

  /// The head of a queue; nil while as many as may be are being handled.
  mutating func take(_ key: Key) -> Next? {
    guard !isClosed, let head = queues[key]?.first else {
      queues[key] = nil
      return .end
    }
    guard permits > 0 else { return nil }
    permits -= 1
    return .handle(head)
  }

  /// An entry was handled.
  mutating func finish(_ entry: Entry, of key: Key) {
    permits += 1
    // It may have been dropped meanwhile.
    if queues[key]?.first?.number == entry.number { queues[key]?.removeFirst() }
  }

  /// An entry is to be handled again later. Others take its turn meanwhile.
  mutating func postpone() { permits += 1 }

  /// True if the entry is still the head of its queue.
  func isWanted(_ entry: Entry, of key: Key) -> Bool {
    queues[key]?.first?.number == entry.number
  }

  /// Forgets items. Those that are being handled end as they do, and are not taken again.
  mutating func drop(where isUnwanted: (Item) -> Bool) {
    for key in queues.keys { queues[key]?.removeAll { isUnwanted($0.item) } }
  }

  /// Hands out nothing more.
  mutating func close() { isClosed = true }
}
