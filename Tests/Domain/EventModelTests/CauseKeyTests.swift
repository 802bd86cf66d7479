import Contracts
import EventModel
import Testing

@Suite struct CauseKeyTests {
  private func event(_ byte: UInt8, _ sequence: SequenceNumber, in domain: Name = "bank") throws
    -> EventReference
  {
    let root = try #require(Root(Bytes(repeating: byte, count: 16)))
    return EventReference(cover: Cover(domain: domain, root: root), sequence: sequence)
  }

  @Test func keysAreOrderedAsTheirBytes() throws {
    let events = try [
      event(1, 0), event(1, 1), event(1, 255), event(1, 256), event(1, .init(.max)), event(2, 0),
      event(255, 7),
    ]
    let keys = events.map { CauseKey($0) }
    #expect(keys == keys.sorted())
    for (left, right) in zip(keys, keys.dropFirst()) {
      #expect(left.bytes.lexicographicallyPrecedes(right.bytes))
    }
  }

  @Test func aKeyStaysTheSameForEver() throws {
    // FNV-1a of "bank", computed elsewhere.
    let hash: Bytes = [0x9A, 0x1A, 0xDF, 0x9B, 0xAA, 0x01, 0xF4, 0xB7]
    let key = CauseKey(try event(9, 0x0102_0304)).bytes
    #expect(key.count == 28)
    #expect(Bytes(key.dropFirst(8)) == Bytes(repeating: 9, count: 16) + [1, 2, 3, 4])
    #expect(Bytes(key.prefix(8)) == hash)
  }

  @Test func anOriginTellsTheEventThatLedToIt() throws {
    for sequence: SequenceNumber in [0, 1, 127, 128, .init(.max)] {
      for domain: Name in ["bank", "Kunden ü", Name(String(repeating: "x", count: 255))] {
        let event = try event(3, sequence, in: domain)
        #expect(Origin(cause: event).causingEvent == event)
      }
    }
  }

  @Test func whatIsNoCauseIsNone() throws {
    #expect(Origin().causingEvent == nil)
    // Only a command's id; only a sequence number; headers alone.
    for annotations: Bytes in [
      [0x92, 1, 3, 0x1A, 1, 0x63], [0x92, 1, 2, 0x10, 5], [0x9A, 1, 0],
    ] {
      #expect(Origin(annotations: annotations).causingEvent == nil)
    }
    let whole = Origin(cause: try event(3, 300)).annotations
    for count in 0..<whole.count {
      #expect(Origin(annotations: Bytes(whole.prefix(count))).causingEvent == nil)
    }
  }
}
