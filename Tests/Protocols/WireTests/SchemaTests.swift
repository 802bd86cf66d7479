import EventModel
import Testing
import Wire

/// The messages of schemas, both ways, against bytes that another implementation wrote.
@Suite struct SchemaTests {
  private let version = OutriderV1.SchemaVersion(
    number: 2, registeredAt: Samples.time,
    registered: OutriderV1.SchemaRegistered(
      kind: .avro, schema: Bytes("{}".utf8), compatibility: .full),
    types: [.init(name: "bank.Open", fingerprint: "00ff"), .init(name: "bank.B")])

  private func expect<Value: WireDecodable & WireEncodable & Equatable>(
    _ bytes: Bytes, _ value: Value, at place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try Value(wireBytes: bytes) == value, sourceLocation: place)
    #expect(value.wireBytes == bytes, sourceLocation: place)
  }

  private func refusal<Value: WireDecodable>(_ type: Value.Type, _ bytes: Bytes) -> String? {
    do throws(WireError) {
      _ = try Value(wireBytes: bytes)
      return nil
    } catch { return "\(error)" }
  }

  @Test func versions() throws {
    try expect(SchemaGolden.registered, version.registered)
    try expect(SchemaGolden.version, version)
    try expect(
      SchemaGolden.historyResponse, OutriderV1.SchemaHistoryResponse(versions: [version]))
  }

  @Test func questions() throws {
    try expect(SchemaGolden.getLast, OutriderV1.GetSchemaRequest(domain: "bank"))
    try expect(
      SchemaGolden.getNumber, OutriderV1.GetSchemaRequest(domain: "bank", version: .number(300)))
    try expect(
      SchemaGolden.getFingerprint,
      OutriderV1.GetSchemaRequest(domain: "bank", version: .fingerprint("00ff")))
    try expect(SchemaGolden.historyRequest, OutriderV1.SchemaHistoryRequest(domain: "bank"))
    let schema = Bytes("{}".utf8)
    try expect(
      SchemaGolden.check,
      OutriderV1.CheckSchemaRequest(
        domain: "bank", schema: schema, compatibility: SchemaCompatibility.none))
    try expect(
      SchemaGolden.checkAsBefore, OutriderV1.CheckSchemaRequest(domain: "bank", schema: schema))
  }

  @Test func reports() throws {
    try expect(
      SchemaGolden.report,
      OutriderV1.SchemaReport(
        reasons: ["a"],
        findings: [
          OutriderV1.SchemaFinding(
            type: "avro/bank.Open", count: 300, position: Samples.position,
            event: EventReference(cover: Samples.cover, sequence: 7), reason: "b")
        ], eventsRead: 400, isDone: true))
  }

  @Test func whatIsMissingIsNamed() {
    let bank: Bytes = SchemaGolden.getLast
    #expect(refusal(OutriderV1.GetSchemaRequest.self, []) == "domain is missing")
    #expect(refusal(OutriderV1.SchemaHistoryRequest.self, []) == "domain is missing")
    #expect(refusal(OutriderV1.CheckSchemaRequest.self, bank) == "schema is missing")
    #expect(
      refusal(OutriderV1.GetSchemaRequest.self, bank + [0x10, 1, 0x1A, 1, 0x61])
        == "fingerprint and number must not both be set")
    #expect(refusal(OutriderV1.SchemaRegistered.self, []) == "kind is missing")
    #expect(
      refusal(OutriderV1.SchemaRegistered.self, [0x08, 1, 0x18, 9])
        == "compatibility is none that is known here")
    #expect(refusal(OutriderV1.SchemaVersion.self, []) == "registered is missing")
  }
}
