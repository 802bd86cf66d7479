import EventModel
import Synchronization

/// A queue for each root: work on one aggregate runs one piece after another, in order of
/// arrival; work on other aggregates runs concurrently.
///
/// A free lane is taken without suspending. The number of waiters is bounded.
public final class Lanes: Sendable {
  private typealias Waiter = CheckedContinuation<Void, any Error>

  private struct Lane {
    var waiters: [(ticket: UInt64, continuation: Waiter)] = []
  }

  private struct State {
    var lanes: [Root: Lane] = [:]
    var nextTicket: UInt64 = 0
    /// Tickets whose tasks were cancelled before they waited.
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())
  private let waitersMax: Int

  /// - Parameter waitersMax: the most waiters for one root; the next one is refused.
  public init(waitersMax: Int) { self.waitersMax = waitersMax }

  /// Runs `body` after all earlier work on this root. Throws `.exhausted` if too many wait
  /// already, and `CancellationError` if the task is cancelled while it waits.
  public func run<Result>(
    on root: Root, _ body: () async throws -> Result
  ) async throws -> Result {
    try await enter(root)
    defer { leave(root) }
    return try await body()
  }

  private func enter(_ root: Root) async throws {
    let ticket: UInt64? = try state.withLock { state in
      guard let lane = state.lanes[root] else {
        state.lanes[root] = Lane()
        return nil
      }
      guard lane.waiters.count < waitersMax else {
        throw EventSourcingError(
          .exhausted,
          "\(waitersMax) requests wait for aggregate \(root) already: send fewer at once")
      }
      state.nextTicket += 1
      return state.nextTicket
    }
    if let ticket { try await wait(for: root, ticket) }
  }

  private func wait(for root: Root, _ ticket: UInt64) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (continuation: Waiter) in
        enum Next { case wait, go, stop }
        let next: Next = state.withLock { state in
          if state.cancelled.remove(ticket) != nil { return .stop }
          guard state.lanes[root] != nil else {
            // The lane became free between the two locks.
            state.lanes[root] = Lane()
            return .go
          }
          state.lanes[root]!.waiters.append((ticket, continuation))  // just seen to be there
          return .wait
        }
        switch next {
        case .wait: break
        case .go: continuation.resume()
        case .stop: continuation.resume(throwing: CancellationError())
        }
      }
    } onCancel: {
      let waiter: Waiter? = state.withLock { state in
        guard let index = state.lanes[root]?.waiters.firstIndex(where: { $0.ticket == ticket })
        else {
          state.cancelled.insert(ticket)
          return nil
        }
        return state.lanes[root]?.waiters.remove(at: index).continuation
      }
      waiter?.resume(throwing: CancellationError())
    }
    // Cancelled after its turn came: this ticket is not used again.
    state.withLock { _ = $0.cancelled.remove(ticket) }
  }

  private func leave(_ root: Root) {
    let waiter: Waiter? = state.withLock { state in
      guard state.lanes[root]?.waiters.isEmpty == false else {
        state.lanes[root] = nil
        return nil
      }
      return state.lanes[root]?.waiters.removeFirst().continuation
    }
    waiter?.resume()
  }
}
