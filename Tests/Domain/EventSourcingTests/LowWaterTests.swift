import EventSourcing
import Testing

@Suite(.timeLimit(.minutes(5))) struct LowWaterTests {
  /// Values are ten times their tickets.
  private func begun(_ count: Int) -> LowWater<Int> {
    var marks = LowWater<Int>()
    for number in 0..<count { #expect(marks.begin(number * 10) == UInt64(number)) }
    return marks
  }

  @Test func oneAheadOfOthersMovesNothingUntilTheyAreFinished() {
    var marks = begun(4)
    let moved = [marks.finish(2), marks.finish(1), marks.finish(0), marks.finish(3)]
    #expect(moved == [nil, nil, 20, 30])
    #expect(marks.count == 0)
  }

  @Test func whatIsFinishedOrNeverBeganIsPassedOver() {
    var marks = begun(2)
    let moved = [marks.finish(0), marks.finish(0), marks.finish(7), marks.finish(1)]
    #expect(moved == [0, nil, nil, 10])
  }

  @Test func ticketsCountOnAfterMany() {
    var marks = LowWater<UInt64>()
    for number in 0..<1000 as Range<UInt64> {
      #expect(marks.begin(number) == number)
      #expect(marks.value(of: number) == number)
      #expect(marks.finish(number) == number)
    }
    #expect(marks.count == 0)
  }
}
