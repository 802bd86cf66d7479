import EventModel
import Testing

@testable import EventSourcing

@Suite struct AggregateMemoryTests {
  private func aggregate(_ number: UInt8) -> KnownAggregate {
    KnownAggregate(Aggregate(cover: cover(number)))
  }

  @Test func whatWasNotUsedForLongestLeavesFirst() {
    let cache = AggregateMemory(bytesMax: 3 * aggregate(0).byteCount).open()
    for number in 1...3 as ClosedRange<UInt8> { cache.put(aggregate(number)) }
    cache.put(cache.take(root(1))!)
    cache.put(aggregate(4))
    #expect(cache.take(root(2)) == nil)
    #expect(cache.take(root(1)) != nil)
    #expect(cache.take(root(3)) != nil)
    #expect(cache.take(root(4)) != nil)
  }

  @Test func aTakenAggregateIsGone() {
    let cache = AggregateMemory(bytesMax: 1000).open()
    cache.put(aggregate(1))
    #expect(cache.take(root(1)) != nil)
    #expect(cache.take(root(1)) == nil)
  }

  @Test(arguments: [0, 10])
  func anAggregateLargerThanTheMemoryIsNotKept(bytesMax: Int) {
    let cache = AggregateMemory(bytesMax: bytesMax).open()
    cache.put(aggregate(1))
    #expect(cache.take(root(1)) == nil)
  }

  @Test func manyUsesOfOneAggregateTakeNoMemory() {
    let memory = AggregateMemory(bytesMax: 1000)
    let cache = memory.open()
    for _ in 0..<10_000 { cache.put(cache.take(root(1)) ?? aggregate(1)) }
    #expect(memory.useCount < 200)
  }

  // MARK: Many domains

  @Test func aThousandDomainsTakeNoMoreThanOne() {
    let memory = AggregateMemory(bytesMax: 10 * aggregate(0).byteCount)
    let caches = (0..<1000).map { _ in memory.open() }
    for cache in caches {
      for number in 1...20 as ClosedRange<UInt8> { cache.put(aggregate(number)) }
      #expect(memory.byteCount <= 10 * aggregate(0).byteCount)
    }
    #expect(caches.last?.look(at: root(20)) != nil)
    #expect(caches.first?.look(at: root(20)) == nil)
  }

  @Test func aDomainThatIsInUseStaysBesideABusyOne() {
    let memory = AggregateMemory(bytesMax: 3 * aggregate(0).byteCount)
    let (quiet, busy) = (memory.open(), memory.open())
    quiet.put(aggregate(1))
    for number in 1...100 as ClosedRange<UInt8> {
      busy.put(aggregate(number))
      if let used = quiet.take(root(1)) { quiet.put(used) }
    }
    #expect(quiet.look(at: root(1)) != nil)
    for number in 101...103 as ClosedRange<UInt8> { busy.put(aggregate(number)) }
    #expect(quiet.look(at: root(1)) == nil)
  }

  @Test func aggregatesOfTheSameRootAreApart() {
    let memory = AggregateMemory()
    let (one, other) = (memory.open(), memory.open())
    one.put(aggregate(1))
    #expect(other.take(root(1)) == nil)
    other.put(aggregate(1))
    other.removeAll()
    #expect(other.look(at: root(1)) == nil)
    #expect(one.look(at: root(1)) != nil)
  }

  @Test func aClosedDomainLeavesItsMemoryToOthers() {
    let memory = AggregateMemory(bytesMax: 2 * aggregate(0).byteCount)
    let stays = memory.open()
    stays.put(aggregate(1))
    var closes: AggregateCache? = memory.open()
    closes?.put(aggregate(2))
    closes = nil
    #expect(memory.byteCount == aggregate(0).byteCount)
    // Uses of the closed one, which lie between, put out nobody.
    stays.put(aggregate(3))
    #expect(stays.look(at: root(1)) != nil)
    #expect(stays.look(at: root(3)) != nil)
  }
}
