import Queues
import Testing

@Suite struct QueueTests {
  @Test func elementsLeaveInTheirOrder() {
    var queue = Queue([1, 2])
    queue.append(3)
    let taken = [queue.popFirst(), queue.popFirst(), queue.popFirst(), queue.popFirst()]
    #expect(taken == [1, 2, 3, nil])
    #expect(queue.isEmpty)
  }

  @Test func indicesCountFromTheFirst() {
    var queue = Queue(0..<10)
    for _ in 0..<4 { _ = queue.popFirst() }
    #expect(queue.count == 6)
    #expect(queue.first == 4)
    #expect(queue[2] == 6)
    queue[2] = 60
    #expect(Array(queue) == [4, 5, 60, 7, 8, 9])
  }

  /// Against an array, of a length that grows and shrinks.
  @Test func manyGoThrough() {
    var (queue, model) = (Queue<Int>(), [Int]())
    for number in 0..<5000 {
      queue.append(number)
      model.append(number)
      let count = number / 500 % 2 == 0 ? 0 : 2
      for _ in 0..<count where !model.isEmpty {
        #expect(queue.popFirst() == model.removeFirst())
      }
      #expect(queue.count == model.count && queue.first == model.first)
    }
    #expect(Array(queue) == model)
  }

  @Test func memoryDoesNotGrowWithWhatHasLeft() {
    var queue = Queue(0..<10)
    for number in 0..<100_000 {
      queue.append(number)
      _ = queue.popFirst()
    }
    #expect(queue.byteCount < 10_000)
  }

  @Test func removedElementIsReleased() {
    final class Element {}
    var element: Element? = Element()
    weak let released = element
    var queue = Queue([element!, Element()])
    element = nil
    #expect(released != nil)
    _ = queue.popFirst()
    #expect(released == nil)
  }
}
