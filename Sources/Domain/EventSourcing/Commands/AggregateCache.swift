import EventModel

/// The aggregates of one domain that commands asked for lately, so that the next command need not
/// read them. Other domains' share the memory.
///
/// What is cached may be stale where another process writes too; the append's check finds out. An
/// aggregate is *taken* for the time of a command and given back with its new events, so its bytes
/// grow in place.
final class AggregateCache: Sendable {
  private let memory: AggregateMemory
  private let number: Int

  /// Of `AggregateMemory.open`, which has the number.
  init(_ memory: AggregateMemory, number: Int) {
    self.memory = memory
    self.number = number
  }

  deinit { memory.close(number) }

  /// Takes the aggregate out. The caller holds the root's lane.
  func take(_ root: Root) -> KnownAggregate? { memory.take(root, from: number) }

  /// What a command is not working on just now.
  func look(at root: Root) -> Aggregate? { memory.look(at: root, in: number) }

  /// Puts the aggregate in, as the one used last.
  func put(_ aggregate: KnownAggregate) { memory.put(aggregate, into: number) }

  func removeAll() { memory.empty(number) }
}
