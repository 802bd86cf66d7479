import HTTP1
import Testing

@Suite struct HTTPTargetTests {
  @Test(arguments: [
    ("/", []), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("/a%2Fb/%C3%A4", ["a/b", "ä"]),
    ("http://host/a", ["a"]), ("HTTP://host", []), ("*", []), ("/a+b", ["a+b"]),
  ])
  func pathIsSplitBeforeItIsDecoded(text: String, segments: [String]) throws {
    #expect(try HTTPTarget(text).segments == segments)
  }

  @Test func queryIsDecodedAsAForm() throws {
    let target = try HTTPTarget("/?a=1+2&b=%26&c&=d&e=f=g")
    #expect(target.query.map(\.name) == ["a", "b", "c", "", "e"])
    #expect(target.query.map(\.value) == ["1 2", "&", "", "d", "f=g"])
    #expect(try target.value("c") == "")
    #expect(try target.value("z") == nil)
  }

  @Test func parameterThatComesTwiceIsRefused() throws {
    let target = try HTTPTarget("/?a=1&a=1")
    #expect(throws: HTTPFailure.self) { try target.value("a") }
  }

  @Test(arguments: ["", "a", "/%", "/%g0", "/%ff", "/?%ff=1", "/?a=%C3"])
  func whatCannotBeReadIsRefused(text: String) {
    let failure = #expect(throws: HTTPFailure.self) { try HTTPTarget(text) }
    #expect(failure?.status == 400)
  }
}
