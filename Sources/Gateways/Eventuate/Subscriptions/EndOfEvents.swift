import EventModel

/// Which swimlanes are through with what was in a domain's log when a subscription began.
///
/// A swimlane is a lane in each partition. A state machine: no waiting, no clock, no I/O.
struct EndOfEvents {
  static let swimlanes: UInt32 = 8

  /// Where each partition ended at the beginning.
  private let heads: [UInt64]
  private var told: Set<UInt32> = []
  /// The partitions in which this consumer has the lane.
  private var held: [UInt32: Set<UInt32>] = [:]
  private var reached: [UInt32: Set<UInt32>] = [:]

  init(heads: [Position]) {
    self.heads = heads.sorted { $0.partition < $1.partition }.map(\.number)
  }

  /// Whether everything was told.
  var isOver: Bool { told.count == Int(Self.swimlanes) }

  mutating func gained(_ lane: UInt32, partition: UInt32) {
    held[lane, default: []].insert(partition)
  }

  mutating func lost(_ lane: UInt32, partition: UInt32) { held[lane]?.remove(partition) }

  /// Everything up to there is handled.
  mutating func reached(_ number: UInt64, lane: UInt32, partition: UInt32) {
    guard Int(partition) < heads.count, number >= heads[Int(partition)] else { return }
    reached[lane, default: []].insert(partition)
  }

  /// The swimlanes that are to be told now, each once; and where they ended.
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
