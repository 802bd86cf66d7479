import EventModel
import JSON
import Payloads
import Testing
import Wire

@Suite struct PayloadTypesTests {
  private let types = PayloadTypes()

  @Test func typesOfProtobufItselfAreShown() {
    let bread = Payload(
      typeURL: "type.googleapis.com/google.protobuf.StringValue", value: [0x0A, 1, 0x62])
    #expect(types.json(bread) == "b")
  }

  @Test func whatIsNotDescribedOrDoesNotFitIsNotShown() {
    #expect(types.json(Payload(typeURL: "x/p.Unknown", value: [])) == nil)
    let broken = Payload(
      typeURL: "type.googleapis.com/google.protobuf.StringValue", value: [0x0A, 9])
    #expect(types.json(broken) == nil)
  }

  @Test func endOfACommandIsNamedAsInTheContract() {
    #expect(JSONValue.object(CommandEnd?.none.members) == ["end": .null])
    let refused = CommandEnd?.some(.refused(.failedPrecondition, message: "no"))
    #expect(
      JSONValue.object(refused.members) == [
        "end": "REFUSED", "statusCode": 9, "message": "no",
      ])
  }
}
