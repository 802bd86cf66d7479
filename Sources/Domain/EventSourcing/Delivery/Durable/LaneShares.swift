/// Decides which lanes a consumer takes and gives, so that each consumer has a fair share.
///
/// All consumers of a subscription apply the same rule to the same list of seats. Lanes are
/// counted across all partitions. If two consumers want the same lane, the lease decides.
///
/// A value: no waiting, no clock, no I/O.
struct LaneShares: Equatable {
  /// Lanes to give away.
  var give: [Int]
  /// Free lanes, in the order to try them.
  var candidates: [Int]
  /// The number of candidates to take.
  var wanted: Int

  /// - Parameters:
  ///   - rank: this consumer's rank among all, from 0.
  ///   - consumers: the number of consumers, including this one.
  ///   - held: the lanes that it holds and is not giving away.
  ///   - taken: the lanes of others, and those that it is giving away.
  init(rank: Int, of consumers: Int, lanes: Int, held: [Int], taken: Set<Int>) {
    precondition(rank >= 0 && rank < consumers, "a consumer is one of all")
    let quota = lanes / consumers + (rank < lanes % consumers ? 1 : 0)
    give = Array(held.sorted().dropFirst(quota))
    wanted = max(0, quota - held.count)
    // Each consumer begins at a different lane, so that few try the same one.
    let begin = rank * lanes / consumers
    let mine = Set(held)
    candidates =
      wanted == 0
      ? []
      : (0..<lanes).map { (begin + $0) % lanes }
        .filter { !mine.contains($0) && !taken.contains($0) }
  }
}
