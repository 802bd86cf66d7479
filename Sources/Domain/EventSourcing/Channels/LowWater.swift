import Queues

/// The low-water mark of work that begins in order and finishes in any order. A state machine.
///
/// Brokers confirm messages, and consumers acknowledge them, in any order. The mark is the last
/// entry before which nothing is unfinished.
public struct LowWater<Value: Sendable>: Sendable {
  /// The first one is unfinished.
  private var entries = Queue<(value: Value, isFinished: Bool)>()
  /// The ticket of the first entry.
  private var firstTicket: UInt64 = 0

  public init() {}

  /// The first unfinished value.
  public var first: Value? { entries.first?.value }

  /// The number of entries beyond the low-water mark.
  public var count: Int { entries.count }

  /// - Returns: a ticket for `finish`; tickets count from 0.
  public mutating func begin(_ value: Value) -> UInt64 {
    entries.append((value, false))
    return firstTicket + UInt64(entries.count - 1)
  }

  /// The value of a ticket beyond the mark; nil for any other.
  public func value(of ticket: UInt64) -> Value? { index(of: ticket).map { entries[$0].value } }

  /// - Parameter isUpTo: also finishes all entries before it.
  /// - Returns: the value at the new mark; nil if the mark does not move.
  public mutating func finish(_ ticket: UInt64, upTo isUpTo: Bool = false) -> Value? {
    guard let index = index(of: ticket) else { return nil }
    for place in isUpTo ? 0...index : index...index { entries[place].isFinished = true }
    var mark: Value?
    while let first = entries.first, first.isFinished {
      mark = first.value
      _ = entries.popFirst()
      firstTicket += 1
    }
    return mark
  }

  private func index(of ticket: UInt64) -> Int? {
    guard ticket >= firstTicket, ticket - firstTicket < UInt64(entries.count) else { return nil }
    return Int(ticket - firstTicket)
  }
}
