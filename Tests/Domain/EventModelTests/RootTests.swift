import EventModel
import Testing

@Suite struct RootTests {
  @Test func aRootIsExactlySixteenBytes() {
    #expect(Root(Bytes(repeating: 1, count: 15)) == nil)
    #expect(Root(Bytes(repeating: 1, count: 17)) == nil)
    #expect(Root(Bytes()) == nil)
    let bytes = Bytes(0..<16)
    #expect(Root(bytes)?.bytes == bytes)
  }

  @Test func aRootIsWrittenAndReadAsAUUID() {
    let text = "0190163d-8694-739b-aea5-966c26f8ad91"
    #expect(Root(text)?.description == text)
    #expect(Root("0190163D8694739BAEA5966C26F8AD91")?.description == text)
    #expect(Root("urn:uuid:0190163d-8694-739b-aea5-966c26f8ad91")?.description == text)
    #expect(Root("URN:UUID:0190163D8694739BAEA5966C26F8AD91")?.description == text)
  }

  @Test(arguments: [
    "", "0190", "0190163d-8694-739b-aea5-966c26f8ad9", "zz90163d8694739baea5966c26f8ad91",
    "0190163d86-94739b-aea5-966c-26f8ad91", "urn:uuid:", "uuid:0190163d8694739baea5966c26f8ad91",
    "0190163d8694739baea5966c26f8ad91-", "-0190163d8694739baea5966c26f8ad91----",
  ])
  func otherTextIsNoRoot(text: String) { #expect(Root(text) == nil) }

  @Test func rootsAreOrderedAsTheirBytes() {
    var low = Bytes(repeating: 0, count: 16)
    var high = low
    low[15] = 255
    high[0] = 1
    #expect(Root(low)! < Root(high)!)
  }

  @Test func timeOrderedRootsTellWhenTheyWereMade() {
    var random = SystemRandomNumberGenerator()
    let made = Timestamp(seconds: 1_700_000_000, nanoseconds: 5_000_000)
    let root = Root.timeOrdered(at: made, using: &random)
    #expect(root.claimsToBeMade(within: .zero, of: made))
    #expect(root.claimsToBeMade(within: .seconds(1), of: made.advanced(by: .seconds(1))))
    let before = Timestamp(seconds: 1_699_999_999, nanoseconds: 5_000_000)
    #expect(root.claimsToBeMade(within: .seconds(1), of: before))
    #expect(!root.claimsToBeMade(within: .seconds(1), of: made.advanced(by: .milliseconds(1001))))
    #expect(!Root.random(using: &random).claimsToBeMade(within: .seconds(1 << 40), of: made))
  }

  @Test func timeOrderedRootsSortByTimeAndAreVersion7() {
    var random = SystemRandomNumberGenerator()
    let early = Root.timeOrdered(at: Timestamp(seconds: 1_700_000_000), using: &random)
    let late = Root.timeOrdered(
      at: Timestamp(seconds: 1_700_000_000, nanoseconds: 1_000_000), using: &random)
    #expect(early < late)
    #expect(early.bytes[6] >> 4 == 7)
    #expect(early.bytes[8] >> 6 == 2)
  }
}
