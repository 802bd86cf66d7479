import EventModel
import JSON
import Payloads
import ProtobufJSON
import Testing
import Wire

@testable import outrider

@Suite(.timeLimit(.minutes(5))) struct PrintingTests {
  /// `message T { string text = 1; }` of package `p`, as protoc describes it.
  private let described: [UInt8] = [
    0x0A, 0x21, 0x0A, 0x01, 0x66, 0x12, 0x01, 0x70, 0x22, 0x11, 0x0A, 0x01, 0x54, 0x12, 0x0C, 0x0A,
    0x04, 0x74, 0x65, 0x78, 0x74, 0x18, 0x01, 0x20, 0x01, 0x28, 0x09, 0x62, 0x06, 0x70, 0x72, 0x6F,
    0x74, 0x6F, 0x33,
  ]
  private let payload = Payload(typeURL: "type.googleapis.com/p.T", value: [0x0A, 2, 0x68, 0x69])

  @Test func payloadIsShownByTypeAndSize() async {
    let printer = PayloadPrinter(types: PayloadTypes())
    #expect(await printer.text(payload) == "p.T, 4 bytes")
    #expect(
      JSONValue.object(await printer.members(payload)).text
        == #"{"type":"type.googleapis.com/p.T","size":4,"value":"CgJoaQ=="}"#)
  }

  @Test func describedPayloadIsShownAsJSON() async throws {
    let printer = PayloadPrinter(
      types: PayloadTypes(try Schema(descriptorSet: described)))
    #expect(await printer.text(payload) == #"p.T {"text":"hi"}"#)
    #expect(
      JSONValue.object(await printer.members(payload)).text
        == #"{"type":"type.googleapis.com/p.T","size":4,"payload":{"text":"hi"}}"#)
  }

  @Test func payloadThatDoesNotFitItsDescriptionIsShownAsBytes() async throws {
    let printer = PayloadPrinter(
      types: PayloadTypes(try Schema(descriptorSet: described)))
    #expect(await printer.text(Payload(typeURL: "x/p.T", value: [0x0A, 9])) == "p.T, 2 bytes")
    #expect(await printer.text(Payload(typeURL: "x/other.T", value: [])) == "other.T, 0 bytes")
  }

  @Test func typesOfProtobufItselfAreKnown() async {
    let printer = PayloadPrinter(types: PayloadTypes())
    let bread = Payload(
      typeURL: "type.googleapis.com/google.protobuf.StringValue", value: [0x0A, 1, 0x62])
    #expect(await printer.text(bread) == #"google.protobuf.StringValue "b""#)
  }

  @Test func bytesThatAreNoPayloadAreShownAllTheSame() {
    #expect(Payload(leniently: [0xFF]) == Payload(typeURL: "", value: [0xFF]))
  }

}
