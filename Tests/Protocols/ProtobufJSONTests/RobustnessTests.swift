import Encodings
import JSON
import ProtobufJSON
import Testing

/// Neither bytes nor descriptors from outside crash or hang anything.
@Suite struct RobustnessTests {
  @Test func noMutationOfAMessageCrashes() throws {
    let schema = try everySchema()
    let seeds = MappingTests.cases.compactMap { Base64.decode($0.wire.utf8) }
    try mutate(seeds, rounds: 3000) { bytes in
      _ = try? schema.json(bytes, as: "sample.Everything")
    }
  }

  @Test func noMutationOfDescriptorsCrashes() throws {
    let seed = try #require(Base64.decode(everyDescriptor.utf8.filter { $0 != UInt8(ascii: "\n") }))
    try mutate([seed], rounds: 500) { bytes in
      guard let schema = try? Schema(descriptorSet: bytes) else { return }
      for (json, wire) in MappingTests.cases {
        _ = try? schema.json(Base64.decode(wire.utf8) ?? [], as: "sample.Everything")
        _ = try? schema.bytes(JSONValue.parse(Array(json.utf8)), as: "sample.Everything")
      }
    }
  }

  @Test func nestingIsBounded() throws {
    // `inner` (17) and `again` (2) hold each other, with lengths of two bytes.
    var wire: [UInt8] = []
    for _ in 0..<80 {
      wire = [0x12] + length(wire) + wire
      wire = [0x8A, 0x01] + length(wire) + wire
    }
    #expect(throws: ProtobufError.self) { try everySchema().json(wire, as: "sample.Everything") }
  }

  @Test func truncatedMessageIsAnError() throws {
    #expect(throws: ProtobufError.self) { try everySchema().json([0x0A], as: "sample.Everything") }
    #expect(throws: ProtobufError.self) {
      try everySchema().json([0x72, 5, 1], as: "sample.Everything")
    }
  }

  private func length(_ content: [UInt8]) -> [UInt8] {
    [UInt8(content.count & 0x7F | 0x80), UInt8(content.count >> 7)]
  }

  private func mutate(
    _ seeds: [[UInt8]], rounds: Int, _ body: ([UInt8]) throws -> Void
  ) throws {
    var state: UInt64 = 1
    func random(_ bound: Int) -> Int {
      // The generator of Knuth's MMIX; its high bits are good enough here.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<rounds {
      var bytes = seeds[random(seeds.count)] + [0]
      for _ in 0...random(6) {
        let index = random(bytes.count)
        switch random(3) {
        case 0: bytes[index] = UInt8(random(256))
        case 1: bytes.insert(UInt8(random(256)), at: index)
        default: bytes += bytes[..<index]
        }
      }
      try body(bytes)
    }
  }
}
