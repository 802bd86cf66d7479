import Testing
import Wire

@Suite struct PayloadTests {
  /// The last one begins with a combining accent.
  @Test(arguments: ["Noted", "shop.v1/Noted", "", "\u{301}Noted"])
  func jsonNamesItsTypeAfterItsPrefix(_ type: String) {
    let payload = Payload(json: Array("{}".utf8), ofType: type)
    #expect(payload.typeURL == "json/" + type)
    #expect(payload.jsonType.map { Array($0.utf8) } == Array(type.utf8))
  }

  @Test(arguments: ["", "json", "Json/Noted", "type.googleapis.com/json/Noted"])
  func otherPayloadsHaveNoTypeOfJSON(_ url: String) {
    #expect(Payload(typeURL: url, value: []).jsonType == nil)
  }
}
