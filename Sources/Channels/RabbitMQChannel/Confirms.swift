import EventSourcing

/// Which messages are confirmed. Confirms come for single messages in any order, or for all up to
/// one; what counts is how far everything is confirmed. A state machine.
struct Confirms {
  private var messages = LowWater<UInt64>()

  mutating func published(_ number: UInt64) { _ = messages.begin(number) }

  /// The first message that is not confirmed.
  var first: UInt64? { messages.first }

  /// The position of a message that is not confirmed.
  func number(of tag: UInt64) -> UInt64? { Self.ticket(of: tag).flatMap(messages.value) }

  /// - Returns: the position up to which all is confirmed now; nil where that is not news.
  mutating func confirm(_ tag: UInt64, upTo isMultiple: Bool) -> UInt64? {
    Self.ticket(of: tag).flatMap { messages.finish($0, upTo: isMultiple) }
  }

  /// A channel counts its messages from 1.
  private static func ticket(of tag: UInt64) -> UInt64? { tag > 0 ? tag - 1 : nil }
}
