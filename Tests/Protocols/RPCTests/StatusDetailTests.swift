import Testing

@testable import RPC

@Suite struct StatusDetailTests {
  @Test func detailsAreReadBackAsTheyWereWritten() {
    let details: [StatusDetail] = [
      .errorInfo(reason: "NO_MONEY", domain: "bank", metadata: ["balance": "3"]),
      .badRequest(["amount": "is negative"]), .retryInfo(after: .milliseconds(1500)),
      StatusDetail(typeURL: "a/b.C", value: [0, 255, 7]),
    ]
    let status = RPCStatus(.failedPrecondition, "no").with(details)
    #expect(status.details == details)
    #expect(status.code == .failedPrecondition)
  }

  /// What `google.rpc.Status(code=9, message="no", details=[Any(type_url="a/b.C", value=b"\x01")])`
  /// is in the Python library.
  @Test func bytesAreThoseOfGoogleRPCStatus() {
    let status = RPCStatus(.failedPrecondition, "no")
      .with([StatusDetail(typeURL: "a/b.C", value: [1])])
    let bytes = status.metadata.bytes("grpc-status-details-bin")
    #expect(
      bytes == [8, 9, 18, 2, 110, 111, 26, 10, 10, 5, 97, 47, 98, 46, 67, 18, 1, 1])
  }

  @Test(arguments: [[255], [26, 9, 1], [8], [0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f]])
  func brokenDetailsAreNone(_ bytes: [UInt8]) {
    var status = RPCStatus(.internal)
    Array("grpc-status-details-bin".utf8).withUnsafeBufferPointer { name in
      bytes.withUnsafeBufferPointer {
        status.metadata.appendUnchecked(name: name, value: $0)
      }
    }
    #expect(status.details == [])
  }
}
