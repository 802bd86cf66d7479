import EventModel

/// The team's own code in the function style: it decides on a state, and folds events into it.
///
/// `handle` gets an aggregate without pages: its snapshot is the state after all events, or nil
/// where there is none yet. It answers no snapshot.
public protocol EntityFunctions: BusinessLogic {
  /// Folds events into the state. The same events and state always give the same bytes, unless the
  /// team's code is not a function.
  ///
  /// - Parameters:
  ///   - pages: of `cover`, numbered and stamped; not empty.
  ///   - state: after the events before them, as `apply` answered it; nil before the first event.
  /// - Returns: the state after the pages, in the form of `Snapshot.state`.
  func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes

  /// Whether a stored snapshot is a state that `apply` answered, rather than that of logic in the
  /// classic style.
  func isState(_ snapshot: Bytes) -> Bool
}
