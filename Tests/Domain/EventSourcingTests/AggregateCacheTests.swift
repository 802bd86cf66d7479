import EventModel
import Testing

@testable import EventSourcing

@Suite struct AggregateCacheTests {
  private func aggregate(_ number: UInt8) -> KnownAggregate {
    KnownAggregate(Aggregate(cover: cover(number)))
  }

  @Test func whatWasNotUsedForLongestLeavesFirst() {
    let cache = AggregateCache(bytesMax: 3 * aggregate(0).byteCount)
    for number in 1...3 as ClosedRange<UInt8> { cache.put(aggregate(number)) }
    cache.put(cache.take(root(1))!)
    cache.put(aggregate(4))
    #expect(cache.take(root(2)) == nil)
    #expect(cache.take(root(1)) != nil)
    #expect(cache.take(root(3)) != nil)
    #expect(cache.take(root(4)) != nil)
  }

  @Test func aTakenAggregateIsGone() {
    let cache = AggregateCache(bytesMax: 1000)
    cache.put(aggregate(1))
    #expect(cache.take(root(1)) != nil)
    #expect(cache.take(root(1)) == nil)
  }

  @Test func anAggregateLargerThanTheCacheIsNotKept() {
    let cache = AggregateCache(bytesMax: 10)
    cache.put(aggregate(1))
    #expect(cache.take(root(1)) == nil)
  }

  @Test func manyUsesOfOneAggregateTakeNoMemory() {
    let cache = AggregateCache(bytesMax: 1000)
    for _ in 0..<10_000 { cache.put(cache.take(root(1)) ?? aggregate(1)) }
    #expect(cache.useCount < 200)
  }
}
