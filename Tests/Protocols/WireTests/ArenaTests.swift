import Testing

@testable import Wire

@Suite struct ArenaTests {
  @Test func piecesAreAlignedAndApart() {
    let arena = Arena(expecting: 0)
    var last: UnsafeMutableRawPointer?
    for size in 1..<2000 {
      guard let piece = arena.allocate(size) else {
        Issue.record("refused \(size) bytes")
        return
      }
      #expect(Int(bitPattern: piece) % 16 == 0)
      #expect(piece != last)
      // A piece that ran out of its chunk, or into another piece, is the sanitizer's to find.
      piece.initializeMemory(as: UInt8.self, repeating: 0xAB, count: size)
      last = piece
    }
  }

  @Test func theLimitHolds() {
    let arena = Arena(expecting: 64, limit: 100)
    #expect(arena.allocate(101) == nil)
    let limitWasReached = arena.limitWasReached
    #expect(limitWasReached)
    #expect(arena.allocate(64) != nil)
    #expect(arena.allocate(36) != nil)
    #expect(arena.allocate(1) == nil)
  }

  @Test func aHugeRequestIsRefused() {
    let arena = Arena(expecting: 64)
    #expect(arena.allocate(.max) == nil)
    #expect(arena.allocate(-1) == nil)
  }
}
