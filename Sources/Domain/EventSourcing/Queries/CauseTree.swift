import EventModel

/// The known nodes of a tree of causes, each after its parent.
struct CauseTree {
  private struct Identity: Hashable {
    var cover: Cover
    var first: SequenceNumber

    init(_ events: EventRange) {
      cover = events.cover
      first = events.first
    }
  }

  private(set) var nodes: [TraceNode] = []
  private let limit: Int
  private var known: Set<Identity> = []
  /// In bytes, since it was last taken.
  private var growth = 0

  /// - Parameters:
  ///   - path: from the root to the requested commit.
  ///   - limit: the most nodes.
  init(path: [RecordedCommit], limit: Int) {
    self.limit = limit
    for recorded in path { append(recorded, parent: nodes.last?.number) }
  }

  var isFull: Bool { nodes.count >= limit }

  /// Adds an effect of the parent, unless it is known.
  mutating func add(_ recorded: RecordedCommit, under parent: Int) {
    if known.contains(Identity(EventRange(recorded.commit))) { return }
    if isFull {
      truncate(parent)
    } else {
      append(recorded, parent: parent)
    }
  }

  /// How many bytes it has grown by since this was last asked.
  mutating func takeGrowth() -> Int {
    defer { growth = 0 }
    return growth
  }

  mutating func truncate(_ number: Int) { nodes[number - 1].isTruncated = true }

  mutating func markStart(_ number: Int) { nodes[number - 1].isStart = true }

  private mutating func append(_ recorded: RecordedCommit, parent: Int?) {
    let node = TraceNode(recorded, number: nodes.count + 1, parent: parent)
    known.insert(Identity(node.events))
    nodes.append(node)
    growth += node.byteCount + MemoryLayout<Identity>.stride
  }
}

/// Nodes, indexed by their events.
struct TraceParents {
  private var nodes: [Cover: [(events: EventRange, number: Int)]] = [:]

  init(_ batch: [TraceNode]) {
    for node in batch { nodes[node.events.cover, default: []].append((node.events, node.number)) }
    for cover in nodes.keys { nodes[cover]?.sort { $0.events.first < $1.events.first } }
  }

  /// The node that holds the event; a binary search.
  func holder(of event: EventReference) -> Int? {
    let nodes = nodes[event.cover] ?? []
    var range = 0..<nodes.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let isBefore = nodes[middle].events.next <= event.sequence
      range = isBefore ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    guard range.lowerBound < nodes.count, nodes[range.lowerBound].events.contains(event) else {
      return nil
    }
    return nodes[range.lowerBound].number
  }
}
