// On the wire, durations are whole numbers; the field's name has the unit.

extension Duration {
  /// Rounded towards zero.
  var wholeMicroseconds: Int64 { whole(perSecond: 1_000_000) }
  /// Rounded towards zero.
  var wholeMilliseconds: Int64 { whole(perSecond: 1000) }

  /// Clamped if the number overflows.
  private func whole(perSecond: Int64) -> Int64 {
    let (seconds, attoseconds) = components
    let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: perSecond)
    if isTooLarge { return seconds < 0 ? .min : .max }
    return whole &+ attoseconds / (1_000_000_000_000_000_000 / perSecond)
  }
}
