import RPC
import Testing

@Suite struct MetadataTests {
  @Test func valuesAreFoundByLowerCaseNameInOrder() {
    var metadata: Metadata = ["Tenant": "blue", "a": "1"]
    metadata.append("tenant", "green")
    #expect(metadata["tenant"] == "blue")
    #expect(metadata.values("tenant") == ["blue", "green"])
    #expect(metadata["b"] == nil)
    #expect(metadata.count == 3)
  }

  @Test func binaryValuesAreKeptAsTheyAre() {
    var metadata = Metadata()
    metadata.append("key-bin", bytes: [0, 10, 255])
    #expect(metadata.bytes("key-bin") == [0, 10, 255])
  }

  @Test func charactersThatHeadersCannotCarryAreReplaced() {
    let metadata: Metadata = ["note": "two\r\nlines ü"]
    #expect(metadata["note"] == "two??lines ??")
  }

  @Test func descriptionKeepsTheValuesToItself() {
    let metadata: Metadata = ["token": "hunter2", "a": "b"]
    #expect("\(metadata)" == "[token, a]")
  }

  @Test func whatIsEncodedIsReadAgain() {
    var metadata: Metadata = ["a": "1", "a": "", "tenant": "blue"]
    metadata.append("key-bin", bytes: [0, 10, 255])
    #expect(Metadata(encoded: metadata.encoded) == metadata)
    #expect(Metadata(encoded: []) == [:])
  }

  @Test func bytesThatWereNotEncodedAreRefused() {
    let encoded = (["a": "1", "tenant": "blue"] as Metadata).encoded
    for length in 1..<encoded.count where length != 10 {
      #expect(Metadata(encoded: Array(encoded.prefix(length))) == nil)
    }
    #expect(Metadata(encoded: [UInt8](repeating: 0xFF, count: 64)) == nil)
  }

  @Test func emptyMetadataHasNothing() {
    #expect(Metadata().isEmpty)
    #expect(Metadata() == [:])
    #expect(Metadata().count == 0)
  }
}
