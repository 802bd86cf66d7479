import Glibc
import Synchronization
import Testing
import Threads

@Suite(.timeLimit(.minutes(5))) struct WorkQueueTests {
  private typealias Queue = WorkQueue<Int>

  @Test func whatComesWhileAGroupIsWorkedOnMakesTheNextOne() async throws {
    let pool = try ThreadPool(threads: 2)
    let groups = Mutex<[[Int]]>([])
    let (begun, goOn) = (Milestone(), Milestone())
    let queue = Queue(on: pool, limit: (100, .max), group: (10, .max)) { items in
      groups.withLock { $0.append(items) }
      if items == [0] {
        begun.reach()
        block(until: goOn)
      }
      return []
    }
    #expect(queue.put(0) == .delivered)
    await begun.wait()
    for item in 1...12 { #expect(queue.put(item) == .delivered) }
    goOn.reach()
    await queue.close()
    #expect(groups.withLock { $0 } == [[0], Array(1...10), [11, 12]])
    #expect(queue.put(13) == .closed)
    await pool.close()
  }

  @Test func manyQueuesShareTheThreadsAndEachKeepsItsOrder() async throws {
    let pool = try ThreadPool(threads: 3)
    let done = Mutex<[Int: [Int]]>([:])
    let atOnce = Atomic(0)
    let queues = (0..<50).map { number in
      Queue(on: pool, limit: (10_000, .max), group: (7, .max)) { items in
        #expect(atOnce.add(1, ordering: .relaxed).newValue <= 3)
        done.withLock { $0[number, default: []] += items }
        atOnce.subtract(1, ordering: .relaxed)
        return []
      }
    }
    for item in 0..<100 {
      for queue in queues { #expect(queue.put(item) == .delivered) }
    }
    for queue in queues { await queue.close() }
    #expect(done.withLock { $0.values.allSatisfy { $0 == Array(0..<100) } })
    #expect(done.withLock { $0.count } == 50)
    await pool.close()
  }

  @Test func whatIsDeferredComesFirstInTheNextGroup() async throws {
    let pool = try ThreadPool(threads: 1)
    let groups = Mutex<[[Int]]>([])
    // One number of a kind at a time.
    let queue = Queue(on: pool, limit: (100, .max), group: (10, .max), gathering: 8) { items in
      var (group, others): ([Int], [Int]) = ([], [])
      for item in items {
        if group.contains(where: { $0 % 3 == item % 3 }) {
          others.append(item)
        } else {
          group.append(item)
        }
      }
      groups.withLock { [group] in $0.append(group) }
      return others
    }
    // The pool's thread is held, so that all are there when it begins.
    let goOn = Milestone()
    pool.run { block(until: goOn) }
    for item in 0..<9 { #expect(queue.put(item) == .delivered) }
    goOn.reach()
    await queue.close()
    #expect(groups.withLock { $0 } == [[0, 1, 2], [3, 4, 5], [6, 7, 8]])
    await pool.close()
  }

  @Test func whatIsInTheBackgroundTakesTurnsWithTheOthers() async throws {
    let pool = try ThreadPool(threads: 1)
    let groups = Mutex<[[Int]]>([])
    let queue = Queue(
      on: pool, limit: (100, .max), group: (4, .max), backgroundGroup: (2, .max)
    ) { items in
      groups.withLock { $0.append(items) }
      return []
    }
    let goOn = Milestone()
    pool.run { block(until: goOn) }
    for item in 100..<106 { #expect(queue.put(item, inBackground: true) == .delivered) }
    for item in 0..<6 { #expect(queue.put(item) == .delivered) }
    #expect(queue.count == 12)
    goOn.reach()
    await queue.close()
    #expect(
      groups.withLock { $0 }
        == [[100, 101], [0, 1, 2, 3], [102, 103], [4, 5], [104, 105]])
    await pool.close()
  }

  @Test func aPauseIsWhereNobodyWaitsButInTheBackground() async throws {
    let pool = try ThreadPool(threads: 1)
    let done = Mutex<[String]>([])
    let queue = Queue(on: pool, limit: (100, .max), group: (1, .max)) {
      done.withLock { $0.append("pause") }
    } perform: { items in
      done.withLock { $0 += items.map(String.init) }
      return []
    }
    let goOn = Milestone()
    pool.run { block(until: goOn) }
    for item in 0..<2 { #expect(queue.put(item) == .delivered) }
    for item in 100..<103 { #expect(queue.put(item, inBackground: true) == .delivered) }
    goOn.reach()
    await queue.close()
    #expect(
      done.withLock { $0 } == ["100", "0", "101", "1", "pause", "102", "pause"])
    await pool.close()
  }

  @Test func itemsOfAWideQueueAreWorkedOnBesideEachOther() async throws {
    let pool = try ThreadPool(threads: 4)
    let arrived = Atomic(0)
    let queue = Queue(on: pool, limit: (100, .max), group: (1, .max), width: 2) { _ in
      // Each waits for the other.
      arrived.add(1, ordering: .relaxed)
      while arrived.load(ordering: .relaxed) < 2 { sched_yield() }
      return []
    }
    for item in 0..<2 { #expect(queue.put(item) == .delivered) }
    await queue.close()
    #expect(arrived.load(ordering: .relaxed) == 2)
    await pool.close()
  }

  @Test func aClosedPoolDoesNoMoreJobs() async throws {
    let pool = try ThreadPool(threads: 1)
    let isDone = Atomic(false)
    pool.run { isDone.store(true, ordering: .relaxed) }
    await pool.close()
    let wasDone = isDone.load(ordering: .relaxed)
    #expect(wasDone)
    #expect(!pool.run {})
    #expect(await pool.call { 7 } == 7)
  }
}

/// Blocks this thread, which may be.
private func block(until milestone: Milestone) {
  while !milestone.isReached { sched_yield() }
}
