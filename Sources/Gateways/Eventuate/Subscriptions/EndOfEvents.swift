import EventModel

/// Tracks which swimlanes have handled the events that were in a domain's log when a subscription
/// began.
///
/// A swimlane is a lane in each partition. A state machine: no waiting, no clock, no I/O.
struct EndOfEvents {
  static let swimlanes: UInt32 = 8

  /// The end of each partition at the start.
  private let heads: [UInt64]
  private var told: Set<UInt32> = []
  /// The partitions of each lane that this consumer holds.
  private var held: [UInt32: Set<UInt32>] = [:]
  private var reached: [UInt32: Set<UInt32>] = [:]

  init(heads: [Position]) {
    self.heads = heads.sorted { $0.partition < $1.partition }.map(\.number)
  }

  /// Whether all swimlanes were reported.
  var isOver: Bool { told.count == Int(Self.swimlanes) }

  mutating func gained(_ lane: UInt32, partition: UInt32) {
    held[lane, default: []].insert(partition)
  }

  mutating func lost(_ lane: UInt32, partition: UInt32) { held[lane]?.remove(partition) }

  /// Notes that every commit of the lane up to this number is handled.
  mutating func reached(_ number: UInt64, lane: UInt32, partition: UInt32) {
    guard Int(partition) < heads.count, number >= heads[Int(partition)] else { return }
    reached[lane, default: []].insert(partition)
  }

  /// Swimlanes whose end to report now, each once, with their last offset.
  mutating func due() -> [(swimlane: UInt32, offset: UInt64)] {
    let isEmpty = heads.allSatisfy { $0 == 0 }
    let due = (0..<Self.swimlanes).filter { lane in
      let held = held[lane] ?? []
      return !told.contains(lane)
        && (isEmpty || !held.isEmpty && held.isSubset(of: reached[lane] ?? []))
    }
    told.formUnion(due)
    return due.map { ($0, heads.max() ?? 0) }
  }
}
