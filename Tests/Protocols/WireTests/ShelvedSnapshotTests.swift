import EventModel
import OutriderTesting
import Testing
import Wire

@Suite struct ShelvedSnapshotTests {
  private let shelved = OutriderV1.ShelvedSnapshot(
    key: "here/bank/k", digest: Bytes(0..<32), byteCount: 300)

  /// `outrider.v1.ShelvedSnapshot` as another implementation writes it.
  private let golden = Golden.hex(
    """
    0a0b686572652f62616e6b2f6b1220000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c
    1d1e1f18ac02
    """)

  /// The same in an `Any`.
  private let packed = Golden.hex(
    """
    0a2f747970652e676f6f676c65617069732e636f6d2f6f757472696465722e76312e5368656c766564536e61
    7073686f7412320a0b686572652f62616e6b2f6b1220000102030405060708090a0b0c0d0e0f101112131415
    161718191a1b1c1d1e1f18ac02
    """)

  @Test func isReadAndWrittenAsOthersDo() throws {
    #expect(shelved.wireBytes == golden)
    #expect(try OutriderV1.ShelvedSnapshot(wireBytes: golden) == shelved)
    #expect(shelved.snapshot == packed)
    #expect(OutriderV1.ShelvedSnapshot(inSnapshot: packed) == shelved)
  }

  @Test func whatIsNoneIsToldApart() {
    #expect(OutriderV1.ShelvedSnapshot(inSnapshot: golden) == nil)
    #expect(OutriderV1.ShelvedSnapshot(inSnapshot: []) == nil)
    let state = Payload(typeURL: "type.googleapis.com/bank.Account", value: golden).wireBytes
    #expect(OutriderV1.ShelvedSnapshot(inSnapshot: state) == nil)
    let empty = Payload(
      typeURL: "type.googleapis.com/outrider.v1.ShelvedSnapshot", value: []
    ).wireBytes
    #expect(OutriderV1.ShelvedSnapshot(inSnapshot: empty) == nil)
  }
}
