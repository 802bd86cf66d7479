/// Which messages are confirmed. Confirms come for single messages in any order, or for all up to
/// one; what counts is how far everything is confirmed. A state machine.
struct Confirms {
  private var entries: [(number: UInt64, isConfirmed: Bool)] = []
  /// Where the first entry lies that is not confirmed.
  private var head = 0
  /// The delivery tag of `entries[0]`: a channel counts its messages from 1.
  private var firstTag: UInt64 = 1

  /// The first message that is not confirmed.
  var first: UInt64? { head < entries.count ? entries[head].number : nil }

  mutating func published(_ number: UInt64) { entries.append((number, false)) }

  /// The position of a message that is not confirmed.
  func number(of tag: UInt64) -> UInt64? { index(of: tag).map { entries[$0].number } }

  /// - Returns: the position up to which all is confirmed now; nil where that is not news.
  mutating func confirm(_ tag: UInt64, upTo isMultiple: Bool) -> UInt64? {
    guard let index = index(of: tag) else { return nil }
    for place in isMultiple ? head...index : index...index { entries[place].isConfirmed = true }
    let start = head
    while head < entries.count, entries[head].isConfirmed { head += 1 }
    guard head > start else { return nil }
    defer { trim() }
    return entries[head - 1].number
  }

  private func index(of tag: UInt64) -> Int? {
    guard tag >= firstTag + UInt64(head), tag - firstTag < UInt64(entries.count) else { return nil }
    return Int(tag - firstTag)
  }

  /// Half of the memory is given back at a time, so that each entry is moved once on average.
  private mutating func trim() {
    guard head >= 64, head * 2 >= entries.count else { return }
    entries.removeFirst(head)
    firstTag += UInt64(head)
    head = 0
  }
}
