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

  @Test func emptyMetadataHasNothing() {
    #expect(Metadata().isEmpty)
    #expect(Metadata() == [:])
    #expect(Metadata().count == 0)
  }
}
