import HTTP1
import JSON
import RPC
import Testing

@testable import RestGateway

@Suite struct HeaderTests {
  @Test(arguments: [
    ("5", Duration.seconds(5)), ("2.5s", .milliseconds(2500)), ("0.05", .milliseconds(50)),
    ("0", .zero), ("99999", .seconds(86_400)),
  ])
  func secondsAreRead(text: String, duration: Duration) {
    #expect(Seconds(text)?.duration == duration)
  }

  @Test(arguments: ["", "s", "-1", "+1", "1.", ".5", "1.2345", "100000", "1m", "١"])
  func otherTimesAreNone(text: String) {
    #expect(Seconds(text) == nil)
  }

  @Test(arguments: [
    "Noted", "bank.OpenAccount", "_x", "net.example.Order$Placed", "json/Noted", "a-b.c/d/E-f",
    String(repeating: "a", count: 200),
  ])
  func typesAreNames(type: String) throws {
    try TypeName.check(type)
    #expect(try Regex(TypeName.pattern).wholeMatch(in: type) != nil)
  }

  @Test(arguments: [
    "", "/", "json/", "/Noted", "a//b", "1a", "-a", "Über", "a b", "a\u{0}", "a@b", "$a",
    "json$/a",
  ])
  func otherTypesAreNone(type: String) throws {
    #expect(throws: HTTPFailure.self) { try TypeName.check(type) }
    #expect(try Regex(TypeName.pattern).wholeMatch(in: type) == nil)
  }

  @Test func aTypeIsNotTooLong() {
    #expect(throws: HTTPFailure.self) { try TypeName.check(String(repeating: "a", count: 201)) }
  }

  @Test func preferencesAreRead() {
    let preferences = Preferences("foo; bar=\"x\", respond-async , wait=\"10\"")
    #expect(preferences.isAsync)
    #expect(preferences.wait == .seconds(10))
    #expect(Preferences("wait, wait=long").wait == nil)
    #expect(!Preferences(nil).isAsync)
  }

  @Test(arguments: [
    ("", "application/json"), ("*/*", "application/json"),
    ("text/event-stream", "text/event-stream"), ("text/*", "text/event-stream"),
    ("application/json;q=0.5, text/event-stream", "text/event-stream"),
    ("*/*;q=0.1, application/json;q=0", "text/event-stream"),
  ])
  func mostWantedTypeIsChosen(field: String, type: String) {
    #expect(MediaType.preferred(field, of: [MediaType.json, MediaType.events]) == type)
  }

  @Test func withoutAWishTheFirstTypeIsChosen() {
    #expect(MediaType.preferred(nil, of: [MediaType.events, MediaType.json]) == MediaType.events)
    #expect(MediaType.preferred("image/png", of: [MediaType.json]) == nil)
  }

  @Test(arguments: [
    ("application/json", true), ("Application/JSON; charset=\"utf-8\"", true),
    ("application/ld+json", true), ("text/json", false), ("application/jsonx", false),
    ("application/json; charset=latin1", false), ("", false),
  ])
  func jsonIsKnown(field: String, isJSON: Bool) {
    #expect(MediaType.isJSON(field) == isJSON)
  }

  @Test(arguments: RPCStatus.Code.allCases.filter { $0 != .ok })
  func everyStatusHasOneOfHTTP(code: RPCStatus.Code) {
    let problem = Problem(RPCStatus(code, "why"))
    #expect((400...599).contains(problem.status))
    #expect(problem.json["code"] == .string("\(code)"))
    #expect(problem.json["title"] != "Internal Server Error" || problem.status == 500)
  }

  @Test func pagesOfOriginsThatAreNamedMayRead() {
    let crossOrigin = CrossOrigin(origins: ["https://shop.example"])
    var response = HTTPResponse(200)
    crossOrigin.finish(request("https://shop.example"), &response)
    #expect(response.fields["Access-Control-Allow-Origin"] == "https://shop.example")
    response = HTTPResponse(200)
    crossOrigin.finish(request("https://shop.example.evil"), &response)
    #expect(response.fields["Access-Control-Allow-Origin"] == nil)
  }

  private func request(_ origin: String) -> HTTPRequest {
    let target = try! HTTPTarget("/")  // It begins with a slash.
    return HTTPRequest(method: "GET", target: target, fields: ["Origin": origin])
  }
}
