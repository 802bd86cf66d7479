import Testing

@testable import HTTP2

@Suite struct OutputBufferTests {
  private func append(_ bytes: [UInt8], to output: OutputBuffer) {
    bytes.withUnsafeBytes { output.append($0) }
  }

  private func taken(from output: OutputBuffer) -> [UInt8] {
    var bytes: [UInt8] = []
    output.take { bytes = Array($0) }
    return bytes
  }

  @Test func itGrowsAndIsEmptyAfterwards() {
    let output = OutputBuffer(capacity: 2)
    for number: UInt8 in 1...9 { append([number], to: output) }
    #expect(taken(from: output) == Array(1...9))
    #expect(output.count == 0)
    #expect(taken(from: output).isEmpty)
  }

  @Test(arguments: 0...12) func whatNoLongerFitsIntoOtherMemoryIsKeptInOrder(_ room: Int) {
    let output = OutputBuffer(capacity: 2)
    let lent = UnsafeMutableRawBufferPointer.allocate(byteCount: 12, alignment: 1)
    defer { lent.deallocate() }
    let memory = UnsafeMutableRawBufferPointer(rebasing: lent[..<room])
    for _ in 1...2 {
      let count = output.fill(memory) {
        for number: UInt8 in [1, 4, 7] { append([number, number + 1, number + 2], to: output) }
      }
      #expect(count == min(room, 9) / 3 * 3)
      #expect(Array(memory[..<count]) + taken(from: output) == Array(1...9))
    }
  }
}
