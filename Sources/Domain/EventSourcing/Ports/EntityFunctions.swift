import EventModel

/// The user's code in the function style: it decides on a state, and folds events into it.
///
/// `handle` gets an aggregate without pages: its snapshot is the state after all events, or nil
/// if there is none yet. It returns no snapshot.
public protocol EntityFunctions: BusinessLogic {
  /// Folds events into the state. Deterministic, unless the user's code is at fault: the same
  /// events and state give the same bytes.
  ///
  /// - Parameters:
  ///   - pages: events of `cover`, numbered and stamped; not empty.
  ///   - state: the result of `apply` for the events before them; nil before the first event.
  /// - Returns: the state after the pages, in the form of `Snapshot.state`.
  func apply(
    _ pages: PageBlock, of cover: Cover, to state: Bytes?, deadline: ContinuousClock.Instant
  ) async throws(LogicError) -> Bytes

  /// Whether a stored snapshot is a state from `apply`, not one from logic in the classic style.
  func isState(_ snapshot: Bytes) -> Bool
}
