import EventModel
import Payloads
import ProtobufJSON
import Testing

@testable import outrider

@Suite struct CommandInputTests {
  private func message(
    _ text: String, as type: String, isBinary: Bool = false
  ) throws -> Bytes {
    let input = CommandInput(
      name: "standard input", bytes: Array(text.utf8), typeURL: "type.googleapis.com/\(type)",
      isBinary: isBinary)
    return try input.message(PayloadTypes())
  }

  /// Stored as it is, it could never be read again.
  @Test(arguments: [#"{"owner":"Ann"}"#, " [1]\n", #""text""#])
  func jsonOfATypeThatNothingDescribesIsRefused(text: String) {
    let failure = #expect(throws: Failure.self) { try message(text, as: "bank.OpenAccount") }
    #expect(failure?.outcome == .badData)
    for hope in ["bank.OpenAccount", "--descriptors", "reflection", "--binary"] {
      #expect(failure?.description.contains(hope) == true)
    }
  }

  @Test func wireFormOfSuchATypeIsSentAsItIs() throws {
    #expect(try message("x", as: "bank.OpenAccount") == [0x78])
    #expect(try message("", as: "bank.OpenAccount").isEmpty)
    #expect(try message("{}", as: "bank.OpenAccount", isBinary: true) == Bytes("{}".utf8))
  }

  @Test func jsonOfABuiltInTypeIsTaken() throws {
    #expect(try message(#""b""#, as: "google.protobuf.StringValue") == [0x0A, 1, 0x62])
    #expect(throws: Failure.self) { try message("b", as: "google.protobuf.StringValue") }
  }
}
