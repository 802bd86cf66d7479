import Glibc

/// A bounded queue of work; threads block while it is empty.
///
/// A put into a full mailbox fails at once, rather than when memory runs out.
public final class Mailbox<Item>: @unchecked Sendable {
  // Every property below `mutex` is used only under it. POSIX promises that all threads may use
  // mutexes and condition variables that stay at one address.

  public enum Delivery {
    case delivered
    case full
    case closed
  }

  private let limit: (count: Int, bytes: Int)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var items: [Item] = []
  private var byteCounts: [Int] = []
  private var bytes = 0
  /// Waiting threads. Without any, no wake-up is signalled.
  private var waiting = 0
  /// The number of items at which a waiting thread is woken.
  private var wanted = 1
  private var isClosed = false

  public init(limit: (count: Int, bytes: Int)) {
    self.limit = limit
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(arrival, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(arrival)
    pthread_mutex_destroy(mutex)
    arrival.deallocate()
    mutex.deallocate()
  }

  /// Waiting items.
  public var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return items.count
  }

  /// True once closed and empty: no item will be taken again.
  public var isOver: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return isClosed && items.isEmpty
  }

  /// Adds an item, which counts as `byteCount` bytes until it is taken.
  public func put(_ item: Item, byteCount: Int = 0) -> Delivery {
    let (delivery, mustWake) = add(item, byteCount)
    // After unlocking: the woken thread would block on the mutex at once.
    if mustWake { pthread_cond_signal(arrival) }
    return delivery
  }

  private func add(_ item: Item, _ byteCount: Int) -> (Delivery, mustWake: Bool) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if isClosed { return (.closed, false) }
    if items.count >= limit.count || bytes + byteCount > limit.bytes, !items.isEmpty {
      return (.full, false)
    }
    items.append(item)
    byteCounts.append(byteCount)
    bytes += byteCount
    return (.delivered, waiting > 0 && items.count >= wanted)
  }

  /// Waits until `count` items are there, at most for `patience`. Only for a mailbox with a single
  /// consumer.
  public func gather(_ count: Int, within patience: Duration) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    let nanoseconds = deadline.tv_nsec + Int(patience / .nanoseconds(1))
    deadline.tv_sec += nanoseconds / 1_000_000_000
    deadline.tv_nsec = nanoseconds % 1_000_000_000
    wanted = count
    waiting += 1
    while items.count < count, !isClosed, pthread_cond_timedwait(arrival, mutex, &deadline) == 0 {}
    waiting -= 1
    wanted = 1
  }

  /// Takes items in order, up to the limit but at least one. Blocks while there are none, unless
  /// `mayWait` is false. Returns nil once closed and empty.
  public func take(
    atMost limit: (count: Int, bytes: Int), waiting mayWait: Bool = true
  ) -> [Item]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while items.isEmpty {
      if isClosed { return nil }
      if !mayWait { return [] }
      waiting += 1
      pthread_cond_wait(arrival, mutex)
      waiting -= 1
    }
    var count = 0
    var size = 0
    for byteCount in byteCounts {
      size += byteCount
      if count > 0, count >= limit.count || size > limit.bytes { break }
      bytes -= byteCount
      count += 1
    }
    byteCounts.removeFirst(count)
    if count == items.count {
      defer { items = [] }
      return items
    }
    defer { items.removeFirst(count) }
    return Array(items[..<count])
  }

  /// Refuses new items; those inside can still be taken.
  public func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(arrival)
    pthread_mutex_unlock(mutex)
  }
}
