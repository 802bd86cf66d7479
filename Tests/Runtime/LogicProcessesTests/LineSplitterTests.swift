import Testing

@testable import LogicProcesses

@Suite struct LineSplitterTests {
  private func lines(_ chunks: String...) -> [String] {
    var splitter = LineSplitter()
    var lines: [[UInt8]] = []
    for chunk in chunks { lines += splitter.take(Array(chunk.utf8)) }
    if let rest = splitter.finish() { lines.append(rest) }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func linesAreTheSameHoweverTheyCome() {
    #expect(lines("one\ntwo\n") == ["one", "two"])
    #expect(lines("o", "ne\nt", "wo", "\n") == ["one", "two"])
  }

  @Test func emptyLinesAndALineWithoutEndAreKept() {
    #expect(lines("\n\na") == ["", "", "a"])
  }

  @Test func carriageReturnIsPartOfTheEnd() {
    #expect(lines("one\r\ntwo\r\n") == ["one", "two"])
  }

  @Test func lineIsBounded() {
    let long = String(repeating: "x", count: LineSplitter.lineBytesMax + 1)
    #expect(lines(long).map(\.utf8.count) == [LineSplitter.lineBytesMax, 1])
  }

  @Test func lineOfAChildCannotSpeakToTheTerminal() {
    let line = OutputLine(stream: .output, bytes: Array("\tgreen \u{1B}[32m\u{202E}".utf8) + [0x9B])
    #expect(line.displayed == "\tgreen \\u{1b}[32m\\u{202e}\u{FFFD}")
  }
}
