import Testing

@testable import HTTP2

@Suite struct SessionMemoryTests {
  private let memory = SessionMemory()

  @Test(arguments: [1, 64, 65, 448]) func whatCameBackIsHandedOutAgain(_ size: Int) {
    let first = memory.allocate(size)
    let second = memory.allocate(size)
    memory.giveBack(first)
    memory.giveBack(second)
    #expect(memory.allocate(size) == second)
    #expect(memory.allocate(size) == first)
    memory.giveBack(first)
    memory.giveBack(second)
  }

  @Test func aPieceKeepsItsBytesAsItGrows() {
    var piece = memory.resize(nil, 1)
    piece.storeBytes(of: 7, as: UInt8.self)
    for size in [64, 65, 448, 449, 100_000] {
      piece = memory.resize(piece, size)
      piece.storeBytes(of: UInt8(7), toByteOffset: size - 1, as: UInt8.self)
      #expect(piece.load(as: UInt8.self) == 7)
    }
    #expect(piece.load(fromByteOffset: 448, as: UInt8.self) == 7)
    memory.giveBack(piece)
  }

  @Test func usedMemoryIsZeroedWhereThatIsAskedFor() {
    let used = memory.allocate(100)
    used.initializeMemory(as: UInt8.self, repeating: 0xff, count: 100)
    memory.giveBack(used)
    let zeroed = memory.allocateZeroed(100)
    #expect(zeroed == used)
    #expect(UnsafeRawBufferPointer(start: zeroed, count: 100).allSatisfy { $0 == 0 })
    memory.giveBack(zeroed)
  }

  @Test func moreIsHandedOutThanIsKept() {
    for _ in 1...2 {
      let pieces = (0..<1000).map { number in
        let piece = memory.allocate(128)
        piece.storeBytes(of: number, as: Int.self)
        return piece
      }
      #expect(Set(pieces).count == 1000)
      #expect(pieces.map { $0.load(as: Int.self) } == Array(0..<1000))
      for piece in pieces { memory.giveBack(piece) }
      #expect(memory.bytesKept <= 32 << 10)
    }
  }
}
