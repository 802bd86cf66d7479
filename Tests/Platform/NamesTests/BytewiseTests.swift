import Names
import Testing

@Suite struct BytewiseTests {
  private struct Ticket: Hashable {
    @Bytewise var id: String?
    @Bytewise var seat: String
  }

  @Test(arguments: NameTests.lookalikes) func whatOnlyLooksTheSameDiffers(
    _ left: Name, _ right: Name
  ) {
    let tickets = [
      Ticket(id: left.text, seat: "1"), Ticket(id: right.text, seat: "1"),
      Ticket(id: "1", seat: left.text), Ticket(id: "1", seat: right.text),
    ]
    #expect(Set(tickets).count == 4)
    #expect(tickets[0] != tickets[1] && tickets[2] != tickets[3])
    #expect(left.text.bytewise != right.text.bytewise)
  }

  @Test func theSameBytesAreEqualAndNoneIsNotEmpty() {
    let decoded = String(decoding: Array("\u{212A}".utf8), as: UTF8.self)
    #expect(Ticket(id: "\u{212A}", seat: "") == Ticket(id: decoded, seat: ""))
    #expect(Ticket(id: nil, seat: "") == Ticket(id: nil, seat: ""))
    #expect(Ticket(id: nil, seat: "") != Ticket(id: "", seat: ""))
  }
}
