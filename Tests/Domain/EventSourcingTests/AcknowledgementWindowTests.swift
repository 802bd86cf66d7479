import Testing

@testable import EventSourcing

@Suite struct AcknowledgementWindowTests {
  @Test func theMarkStaysBeforeTheFirstThatIsNotAcknowledged() {
    var window = AcknowledgementWindow(startingAt: 10, size: 4)
    #expect(window.lowWaterMark == 10)
    for number in 11...14 as ClosedRange<UInt64> { window.deliver(number) }
    #expect(window.lowWaterMark == 10)
    for (number, mark): (UInt64, UInt64) in [(12, 10), (14, 10), (11, 12), (13, 14)] {
      let wasNew = window.acknowledge(number)
      #expect(wasNew)
      #expect(window.lowWaterMark == mark)
    }
    #expect(window.isIdle)
  }

  @Test func whatIsLeftOutMovesTheMarkByItself() {
    var window = AcknowledgementWindow(startingAt: 0, size: 4)
    window.leaveOut(upTo: 5)
    #expect(window.lowWaterMark == 5)
    window.deliver(8)
    window.leaveOut(upTo: 20)
    #expect(window.lowWaterMark == 7)
    let wasNew = window.acknowledge(8)
    #expect(wasNew)
    #expect(window.lowWaterMark == 20)
  }

  @Test func theWindowSpansFromTheFirstThatIsNotAcknowledged() {
    var window = AcknowledgementWindow(startingAt: 0, size: 3)
    for number in 1...3 as ClosedRange<UInt64> {
      #expect(window.hasRoom)
      window.deliver(number)
    }
    #expect(!window.hasRoom)
    _ = window.acknowledge(2)
    _ = window.acknowledge(3)
    #expect(!window.hasRoom)
    _ = window.acknowledge(1)
    #expect(window.hasRoom)
  }

  @Test func anAcknowledgementOfNothingHasNoEffect() {
    var window = AcknowledgementWindow(startingAt: 10, size: 3)
    window.deliver(12)
    for number: UInt64 in [0, 10, 11, 13, .max] {
      let wasNew = window.acknowledge(number)
      #expect(!wasNew)
    }
    let wasNew = window.acknowledge(12)
    let again = window.acknowledge(12)
    #expect(wasNew && !again)
    #expect(window.lowWaterMark == 12)
  }

  /// Against a set, in a random order.
  @Test func manyInAnyOrder() {
    var random = SystemRandomNumberGenerator()
    var window = AcknowledgementWindow(startingAt: 0, size: 50)
    var open: Set<UInt64> = []
    var next: UInt64 = 1
    while next < 2000 || !open.isEmpty {
      if next < 2000, window.hasRoom, Bool.random(using: &random) {
        window.deliver(next)
        open.insert(next)
        next += UInt64.random(in: 1...3, using: &random)
      } else if let number = open.randomElement(using: &random) {
        open.remove(number)
        let wasNew = window.acknowledge(number)
        #expect(wasNew)
      }
      let mark = open.min().map { $0 - 1 } ?? window.lastPassed
      #expect(window.lowWaterMark == mark)
    }
  }
}
