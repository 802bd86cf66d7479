import Glibc

/// Jobs for a thread that blocks while it has none.
///
/// Bounded: a caller that comes too fast is told so at once, rather than when memory runs out.
final class Mailbox<Context>: @unchecked Sendable {
  // Every property below `mutex` is used only under it; POSIX promises that mutexes and condition
  // variables may be used by all threads, as long as they stay where they are in memory.

  enum Delivery {
    case delivered
    case full
    case closed
  }

  private let limit: (jobs: Int, bytes: Int)
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var jobs: [Job<Context>] = []
  private var bytes = 0
  /// Threads that wait; only then is it worth waking one.
  private var waiting = 0
  private var isClosed = false

  init(limit: (jobs: Int, bytes: Int)) {
    self.limit = limit
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(arrival, nil)
  }

  deinit {
    pthread_cond_destroy(arrival)
    pthread_mutex_destroy(mutex)
    arrival.deallocate()
    mutex.deallocate()
  }

  /// How many jobs wait.
  var count: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return jobs.count
  }

  func put(_ job: Job<Context>) -> Delivery {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if isClosed { return .closed }
    if jobs.count >= limit.jobs || bytes + job.byteCount > limit.bytes, !jobs.isEmpty {
      return .full
    }
    jobs.append(job)
    bytes += job.byteCount
    if waiting > 0 { pthread_cond_signal(arrival) }
    return .delivered
  }

  /// Takes what is there, in order, at most so much but at least one. Blocks while there is none;
  /// nil when the mailbox is closed and empty.
  func take(atMost limit: (jobs: Int, bytes: Int)) -> [Job<Context>]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while jobs.isEmpty {
      if isClosed { return nil }
      waiting += 1
      pthread_cond_wait(arrival, mutex)
      waiting -= 1
    }
    var count = 0
    var size = 0
    for job in jobs {
      size += job.byteCount
      if count > 0, count >= limit.jobs || size > limit.bytes { break }
      bytes -= job.byteCount
      count += 1
    }
    var taken: [Job<Context>] = []
    if count == jobs.count {
      swap(&taken, &jobs)
    } else {
      taken = Array(jobs.prefix(count))
      jobs.removeFirst(count)
    }
    return taken
  }

  /// Takes no more jobs; those that are there are still done.
  func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(arrival)
    pthread_mutex_unlock(mutex)
  }
}
