// Durations go over the wire as whole numbers, with the unit in the field's name.

extension Duration {
  /// Rounded towards zero.
  var wholeMicroseconds: Int64 { whole(perSecond: 1_000_000) }
  /// Rounded towards zero.
  var wholeMilliseconds: Int64 { whole(perSecond: 1000) }

  /// The nearest that there is where the number is too large.
  private func whole(perSecond: Int64) -> Int64 {
    let (seconds, attoseconds) = components
    let (whole, isTooLarge) = seconds.multipliedReportingOverflow(by: perSecond)
    if isTooLarge { return seconds < 0 ? .min : .max }
    return whole &+ attoseconds / (1_000_000_000_000_000_000 / perSecond)
  }
}
