import EventSourcing

/// Tracks publisher confirms. They arrive for single messages in any order, or for all up to one;
/// the result is the number up to which all are confirmed. A state machine.
struct Confirms {
  private var messages = LowWater<UInt64>()

  mutating func published(_ number: UInt64) { _ = messages.begin(number) }

  /// The first unconfirmed message.
  var first: UInt64? { messages.first }

  /// The position of an unconfirmed message.
  func number(of tag: UInt64) -> UInt64? { Self.ticket(of: tag).flatMap(messages.value) }

  /// - Returns: the new position up to which all are confirmed; nil if it did not change.
  mutating func confirm(_ tag: UInt64, upTo isMultiple: Bool) -> UInt64? {
    Self.ticket(of: tag).flatMap { messages.finish($0, upTo: isMultiple) }
  }

  /// A channel counts its messages from 1.
  private static func ticket(of tag: UInt64) -> UInt64? { tag > 0 ? tag - 1 : nil }
}
