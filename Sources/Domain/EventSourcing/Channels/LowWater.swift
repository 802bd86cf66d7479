/// The low-water mark of work that begins in order and finishes in any order. A state machine.
///
/// Brokers confirm messages, and consumers acknowledge them, in any order. The mark is the last
/// entry before which nothing is unfinished.
public struct LowWater<Value: Sendable>: Sendable {
  private var entries: [(value: Value, isFinished: Bool)] = []
  /// Index of the first unfinished entry.
  private var head = 0
  /// The ticket of `entries[0]`.
  private var firstTicket: UInt64 = 0

  public init() {}

  /// The first unfinished value.
  public var first: Value? { head < entries.count ? entries[head].value : nil }

  /// The number of entries beyond the low-water mark.
  public var count: Int { entries.count - head }

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
    for place in isUpTo ? head...index : index...index { entries[place].isFinished = true }
    let start = head
    while head < entries.count, entries[head].isFinished { head += 1 }
    guard head > start else { return nil }
    defer { trim() }
    return entries[head - 1].value
  }

  private func index(of ticket: UInt64) -> Int? {
    guard ticket >= firstTicket + UInt64(head), ticket - firstTicket < UInt64(entries.count)
    else { return nil }
    return Int(ticket - firstTicket)
  }

  /// Frees half of the memory at a time, so each entry moves once on average.
  private mutating func trim() {
    guard head >= 64, head * 2 >= entries.count else { return }
    entries.removeFirst(head)
    firstTicket += UInt64(head)
    head = 0
  }
}
