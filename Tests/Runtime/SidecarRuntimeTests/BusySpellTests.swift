import Testing

@testable import SidecarRuntime

@Suite struct BusySpellTests {
  /// Whether each interval of a second, with this much work in milliseconds, is the end of a spell.
  private func ends(after work: Int...) -> [Bool] {
    var (spell, used) = (BusySpell(used: .seconds(7)), Duration.seconds(7))
    return work.map { milliseconds in
      used += .milliseconds(milliseconds)
      return spell.ends(used: used, in: .seconds(1))
    }
  }

  @Test func aSpellEndsOnceTheProcessIsQuiet() {
    #expect(ends(after: 900, 1700, 10, 10) == [false, false, true, false])
  }

  @Test func littleWorkIsNeitherBusyNorQuiet() {
    #expect(ends(after: 900, 100, 100, 10) == [false, false, false, true])
    #expect(ends(after: 100, 100, 10) == [false, false, false])
  }

  @Test func eachSpellEnds() {
    #expect(ends(after: 500, 0, 500, 0) == [false, true, false, true])
  }
}
