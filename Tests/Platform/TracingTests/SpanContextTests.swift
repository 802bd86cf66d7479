import Testing
import Tracing

/// W3C, *Trace Context*, sections 3.2 and 3.3.
@Suite struct SpanContextTests {
  let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  @Test func isWrittenAsItWasRead() throws {
    let context = try #require(SpanContext(traceparent: text, state: "a=1"))
    #expect(context.trace == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
    #expect(context.span == 0xb7ad_6b71_6920_3331)
    #expect(context.isSampled)
    #expect(context.state == "a=1")
    #expect(context.traceparent == text)
    #expect(context.unsampled.traceparent == text.dropLast(2) + "00")
  }

  @Test func laterVersionIsReadAsFarAsItIsKnown() {
    let longer = "cc" + text.dropFirst(2) + "-what-will-be"
    #expect(SpanContext(traceparent: longer)?.traceparent == text)
    #expect(SpanContext(traceparent: "cc" + text.dropFirst(2)) != nil)
    #expect(SpanContext(traceparent: "cc" + text.dropFirst(2) + ".what") == nil)
  }

  @Test(arguments: [
    "", "00", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
    "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01",
  ]) func anythingElseIsRefused(_ text: String) {
    #expect(SpanContext(traceparent: text) == nil)
  }

  @Test func stateBeyondTheBoundIsLeftOut() throws {
    let context = try #require(
      SpanContext(traceparent: text, state: String(repeating: "a", count: 513)))
    #expect(context.state == "")
  }
}
