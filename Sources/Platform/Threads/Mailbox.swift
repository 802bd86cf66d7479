import Glibc

/// Work for threads that block while there is none.
///
/// Bounded: a caller that comes too fast is told so at once, rather than when memory runs out.
public final class Mailbox<Item>: @unchecked Sendable {
  // Every property below `mutex` is used only under it; POSIX promises that mutexes and condition
  // variables may be used by all threads, as long as they stay where they are in memory.

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
  /// Threads that wait; only then is it worth waking one.
  private var waiting = 0
  /// How many items must be there before one who waits is woken.
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

  /// How many items wait.
  public var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return items.count
  }

  /// Whether it is closed and empty: nothing will ever be taken again.
  public var isOver: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return isClosed && items.isEmpty
  }

  /// Leaves an item that holds so much in memory while it waits.
  public func put(_ item: Item, byteCount: Int = 0) -> Delivery {
    let (delivery, mustWake) = add(item, byteCount)
    // Without the lock, which the thread that wakes would wait for at once.
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

  /// Waits until so many items are there, but not longer than that. For a mailbox that one thread
  /// alone takes from.
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

  /// Takes what is there, in order, at most so much but at least one. Blocks while there is none,
  /// unless told not to wait; nil when the mailbox is closed and empty.
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

  /// Takes no more items; those that are there can still be taken.
  public func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(arrival)
    pthread_mutex_unlock(mutex)
  }
}
