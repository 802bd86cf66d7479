import RPC
import Testing

/// The status that follows from a response's header blocks.
@Suite struct ResponseHeadTests {
  static func status(_ blocks: KeyValuePairs<String, String>...) -> RPCStatus {
    var head = ResponseHead()
    for block in blocks {
      for (name, value) in block {
        Array(name.utf8).withUnsafeBufferPointer { name in
          Array(value.utf8).withUnsafeBufferPointer { head.add(name: name, value: $0) }
        }
      }
      _ = head.completeBlock()
    }
    return head.status
  }

  @Test func statusOfTheTrailersDecides() {
    let status = Self.status(
      [":status": "200", "content-type": "application/grpc", "early": "1"],
      ["grpc-status": "5", "grpc-message": "no %C3%BC", "late": "2"])
    #expect(status == RPCStatus(.notFound, "no ü", metadata: ["late": "2"]))
  }

  @Test(
    arguments: [
      (400, .internal), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
      (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable),
      (500, .unknown), (302, .unknown),
    ] as [(Int, RPCStatus.Code)])
  func httpStatusDecidesWithoutAStatusOfGRPC(_ http: Int, _ code: RPCStatus.Code) {
    #expect(Self.status([":status": "\(http)"]).code == code)
  }

  @Test func statusOfGRPCWinsOverTheHTTPStatus() {
    #expect(Self.status([":status": "503", "grpc-status": "7"]).code == .permissionDenied)
  }

  @Test func interimResponseIsPassedOver() {
    let status = Self.status(
      [":status": "103", "link": "x"],
      [":status": "200", "content-type": "application/grpc", "grpc-status": "0"])
    #expect(status == .ok)
  }

  @Test func otherContentTypeIsUnknown() {
    #expect(Self.status([":status": "200", "content-type": "text/html"]).code == .unknown)
  }

  @Test func missingStatusIsInternal() {
    let status = Self.status([":status": "200", "content-type": "application/grpc"], ["a": "b"])
    #expect(status.code == .internal)
  }

  @Test(arguments: ["17", "99999", "x", ""])
  func numberThatNobodyKnowsIsUnknown(_ number: String) {
    #expect(Self.status([":status": "200", "grpc-status": number]).code == .unknown)
  }
}
