/// Which lanes a consumer is to take and to give, so that each has its fair share.
///
/// All consumers of a subscription decide alike, each for itself, from the same list of seats.
/// Lanes are counted through all partitions. Where two want the same lane, the lease decides.
///
/// A value: no waiting, no clock, no I/O.
struct LaneShares: Equatable {
  /// Lanes to give away.
  var give: [Int]
  /// Lanes that nobody has, in the order in which to try them.
  var candidates: [Int]
  /// How many of the candidates to take.
  var wanted: Int

  /// - Parameters:
  ///   - rank: this consumer's place among all, from 0.
  ///   - consumers: how many there are, this one among them.
  ///   - held: the lanes that it has and is not giving away.
  ///   - taken: the lanes of others, and those that it is giving away.
  init(rank: Int, of consumers: Int, lanes: Int, held: [Int], taken: Set<Int>) {
    precondition(rank >= 0 && rank < consumers, "a consumer is one of all")
    let quota = lanes / consumers + (rank < lanes % consumers ? 1 : 0)
    give = Array(held.sorted().dropFirst(quota))
    wanted = max(0, quota - held.count)
    // Each begins elsewhere, so that few try the same lane.
    let begin = rank * lanes / consumers
    let mine = Set(held)
    candidates =
      wanted == 0
      ? []
      : (0..<lanes).map { (begin + $0) % lanes }
        .filter { !mine.contains($0) && !taken.contains($0) }
  }
}
