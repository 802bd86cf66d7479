import EventModel
import Synchronization
import Timing

/// The progress of one subscription in this process, ahead of its stored checkpoint. Every commit
/// up to here is handled durably, or parked.
public final class LowWaterMark: Sendable {
  private struct Waiter {
    let number: UInt64
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var number: UInt64 = 0
    var waiters: [UInt64: Waiter] = [:]
    var lastID: UInt64 = 0
  }

  private let state = Mutex(State())

  public init() {}

  /// The position's number in the subscription's partition.
  public var number: UInt64 { state.withLock { $0.number } }

  /// Moves the mark forward; a lower number changes nothing.
  func raise(to number: UInt64) {
    let woken = state.withLock { state -> [Waiter] in
      guard number > state.number else { return [] }
      state.number = number
      if state.waiters.isEmpty { return [] }
      let due = state.waiters.filter { $0.value.number <= number }
      for id in due.keys { state.waiters[id] = nil }
      return Array(due.values)
    }
    for waiter in woken { waiter.continuation.resume() }
  }

  /// Waits until the mark reaches `number`, or the task is cancelled.
  public func wait(for number: UInt64) async {
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    await suspend { continuation in
      state.withLock { state in
        if state.number >= number { return false }
        state.waiters[id] = Waiter(number: number, continuation: continuation)
        return true
      }
    } takeBack: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation
    }
  }
}

/// The marks of this process's subscriptions.
public final class LowWaterMarks: Sendable {
  private struct Key: Hashable {
    let domain: Name
    let subscription: Name
    let partition: UInt32
  }

  private let marks = Mutex<[Key: LowWaterMark]>([:])

  public init() {}

  /// The mark of a subscription that starts.
  public func mark(
    of subscription: Name, in store: any EventHistory, partition: UInt32
  ) -> LowWaterMark {
    let key = Key(domain: store.domain, subscription: subscription, partition: partition)
    return marks.withLock { marks in
      let mark = marks[key] ?? LowWaterMark()
      marks[key] = mark
      return mark
    }
  }

  /// Nil if the subscription does not run in this process.
  func existing(
    _ subscription: Name, in store: any EventHistory, partition: UInt32
  ) -> LowWaterMark? {
    let key = Key(domain: store.domain, subscription: subscription, partition: partition)
    return marks.withLock { $0[key] }
  }
}
