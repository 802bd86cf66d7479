import Synchronization

/// Batches work of one kind onto a pool's threads. Holds a thread only while there is work.
///
/// Items that arrive while a group is processed form the next group, so groups grow with the load.
/// At most `width` groups run at once.
///
/// Background items form groups of their own, which alternate with the others. So no foreground
/// item waits for more than one background group, and the background never starves.
public final class WorkQueue<Item>: Sendable {
  private struct Group {
    var count = 0
    var duration = Duration.zero
    var isInBackground = false
  }

  private let pool: ThreadPool
  private let mailbox: Mailbox<Item>
  private let background: Mailbox<Item>
  private let group: (count: Int, bytes: Int)
  private let backgroundGroup: (count: Int, bytes: Int)
  private let width: Int
  private let gathering: Int?
  private let perform: @Sendable ([Item]) -> [Item]
  private let pause: @Sendable () -> Void
  /// Threads that work for this queue, or are about to.
  private let running = Mutex(0)
  private let ended = Milestone()

  /// - Parameters:
  ///   - limit: of waiting items; one more is refused. The background has the same limit of its
  ///     own.
  ///   - group: the size limit of a group.
  ///   - backgroundGroup: the size limit of a background group; nil: as `group`.
  ///   - gathering: waits for as many items as the last group had, for at most the last group's
  ///     duration divided by this; nil: never waits. Needs a width of 1.
  ///   - pause: the queue's own work, run after a group if no foreground item waits.
  ///   - perform: processes a group. The items that it returns come first in the next group.
  public init(
    on pool: ThreadPool, limit: (count: Int, bytes: Int), group: (count: Int, bytes: Int),
    backgroundGroup: (count: Int, bytes: Int)? = nil, width: Int = 1, gathering: Int? = nil,
    pause: @escaping @Sendable () -> Void = {}, perform: @escaping @Sendable ([Item]) -> [Item]
  ) {
    precondition(gathering == nil || width == 1, "one thread alone gathers")
    self.pool = pool
    mailbox = Mailbox(limit: limit)
    background = Mailbox(limit: limit)
    self.group = group
    self.backgroundGroup = backgroundGroup ?? group
    self.width = width
    self.gathering = gathering
    self.pause = pause
    self.perform = perform
  }

  /// Waiting items.
  public var count: Int { mailbox.count + background.count }

  public func put(
    _ item: Item, byteCount: Int = 0, inBackground: Bool = false
  ) -> Mailbox<Item>.Delivery {
    let mailbox = inBackground ? background : mailbox
    let delivery = mailbox.put(item, byteCount: byteCount)
    if delivery == .delivered, begin() { pool.run { self.work() } }
    return delivery
  }

  /// Refuses new items; waiting ones are still processed.
  public func beginClosing() {
    mailbox.close()
    background.close()
    reachEnd()
  }

  /// As `beginClosing`, and returns when all work is done. Close the pool afterwards.
  public func close() async {
    beginClosing()
    await ended.wait()
  }

  // MARK: On the pool's threads

  private func begin() -> Bool {
    running.withLock { running in
      guard running < width else { return false }
      running += 1
      return true
    }
  }

  private func work(after earlier: Group = Group()) {
    var last = earlier
    var deferred: [Item] = []
    while true {
      // Callers just answered tend to return at once. A short wait lets them share a group,
      // instead of the first going alone while all others wait for it.
      if let gathering, last.count > 1 {
        mailbox.gather(last.count - deferred.count, within: last.duration / gathering)
      }
      let (items, isInBackground) = next(after: last, deferred)
      if items.isEmpty {
        if rest() { return }
        continue
      }
      let start = ContinuousClock.now
      deferred = perform(items)
      last = Group(
        count: items.count - deferred.count, duration: .now - start, isInBackground: isInBackground)
      if deferred.isEmpty, mailbox.count == 0 { pause() }
      // Yields to other queues; items that arrived here meanwhile wait for the next turn.
      if deferred.isEmpty, pool.isBusy {
        pool.run { [last] in self.work(after: last) }
        return
      }
    }
  }

  /// The next group; empty if nothing waits.
  private func next(after last: Group, _ deferred: [Item]) -> ([Item], isInBackground: Bool) {
    if deferred.isEmpty, !last.isInBackground, let items = takeFromBackground() {
      return (items, true)
    }
    let room = (count: group.count - deferred.count, bytes: group.bytes)
    var items = room.count > 0 ? mailbox.take(atMost: room, waiting: false) ?? [] : []
    if !deferred.isEmpty { items = deferred + items }
    if items.isEmpty, let items = takeFromBackground() { return (items, true) }
    return (items, false)
  }

  private func takeFromBackground() -> [Item]? {
    let items = background.take(atMost: backgroundGroup, waiting: false)
    return items?.isEmpty == false ? items : nil
  }

  /// Gives the thread back; false if work has arrived meanwhile.
  private func rest() -> Bool {
    running.withLock { $0 -= 1 }
    if count > 0, begin() { return false }
    reachEnd()
    return true
  }

  private func reachEnd() {
    let isIdle = running.withLock { $0 == 0 }
    if isIdle, mailbox.isOver, background.isOver { ended.reach() }
  }
}
