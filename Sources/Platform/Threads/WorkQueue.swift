import Synchronization

/// Work of one kind for a pool's threads. It holds a thread only while there is something to do.
///
/// What comes while a group is worked on makes the next group: the more callers there are, the more
/// of them share one. Up to `width` groups are worked on at once; with a width of 1 never two.
///
/// Items in the background make groups of their own, which take turns with those of the others: so
/// nobody waits for more than one of them, and they go on beside whatever comes.
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
  ///   - limit: of what waits; one more is refused. The same again may wait in the background.
  ///   - group: of what is worked on together.
  ///   - backgroundGroup: the same of items in the background; nil: as `group`.
  ///   - gathering: a group waits for as many items as the last one had, this part of the time that
  ///     one took at most; nil: it never waits. Only with a width of 1.
  ///   - pause: work of the queue's own, done after a group where nobody waits, but for those in
  ///     the background.
  ///   - perform: does a group's work; what it returns comes first in the next group.
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

  /// How many items wait.
  public var count: Int { mailbox.count + background.count }

  public func put(
    _ item: Item, byteCount: Int = 0, inBackground: Bool = false
  ) -> Mailbox<Item>.Delivery {
    let mailbox = inBackground ? background : mailbox
    let delivery = mailbox.put(item, byteCount: byteCount)
    if delivery == .delivered, begin() { pool.run { self.work() } }
    return delivery
  }

  /// Takes no more items. What waits is still done.
  public func beginClosing() {
    mailbox.close()
    background.close()
    reachEnd()
  }

  /// As `beginClosing`, and comes back when all is done. The pool must not be closed before.
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
      // Those who were just answered are about to come again. Waiting a moment for as many lets
      // them share a group, rather than the first of them go alone and all others wait for it.
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
      // Other queues have their turn; what came here meanwhile waits for the next one.
      if deferred.isEmpty, pool.isBusy {
        pool.run { [last] in self.work(after: last) }
        return
      }
    }
  }

  /// The next group, empty where nothing waits.
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

  /// Gives the thread back; false where something has come meanwhile.
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
