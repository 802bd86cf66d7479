import EventModel

/// The aggregates of one domain that commands asked for lately, so that the next command need not
/// read them. Other domains' share the memory.
///
/// What is cached may be stale where another process writes too; the append's check finds out. An
/// aggregate is *taken* for the time of a command and given back with its new events, so its bytes
/// grow in place.
final class AggregateCache: Sendable {
  private let memory: AggregateMemory
  private let part: AggregateMemory.Part

  /// - Parameter part: of the memory, for this cache alone.
  init(_ memory: AggregateMemory, _ part: AggregateMemory.Part) {
    self.memory = memory
    self.part = part
  }

  deinit { memory.empty(part) }

  /// Takes the aggregate out. The caller holds the root's lane.
  func take(_ root: Root) -> KnownAggregate? { memory.take(root, from: part) }

  /// What a command is not working on just now.
  func look(at root: Root) -> Aggregate? { memory.look(at: root, in: part) }

  /// Puts the aggregate in, as the one used last.
  func put(_ aggregate: KnownAggregate) { memory.put(aggregate, into: part) }

  func removeAll() { memory.empty(part) }
}
