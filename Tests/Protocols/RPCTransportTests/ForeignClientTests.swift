import HTTP2
import RPC
import RPCTransport
import Testing

/// Requests that are proper HTTP/2 and no proper gRPC.
@Suite(.timeLimit(.minutes(5))) struct ForeignClientTests {
  static let echo = service("Echo", .unary { message, _ in message })
  static let message: [UInt8] = [0, 0, 0, 0, 2, 7, 8]

  static func headers(
    method: String = "POST", path: String = "/test.Test/Echo", type: String = "application/grpc",
    _ name: StaticString = "te", _ value: String = "trailers"
  ) -> KeyValuePairs<StaticString, String> {
    [
      ":method": method, ":scheme": "http", ":path": path, ":authority": "a",
      "content-type": type, name: value,
    ]
  }

  func request(
    _ headers: KeyValuePairs<StaticString, String>, _ body: [UInt8] = message, ends: Bool = true
  ) async throws -> ForeignClient.Response {
    var response = ForeignClient.Response()
    try await withServer(Self.echo) { _, address, _ in
      response = try await ForeignClient.request(
        address, headers: headers, body: body, ends: ends)
    }
    return response
  }

  @Test(arguments: ["application/grpc", "application/grpc+proto", "application/grpc;x=y"])
  func everyContentTypeOfGRPCIsServed(_ type: String) async throws {
    let response = try await request(Self.headers(type: type))
    #expect(response.fields["grpc-status"] == "0")
    #expect(response.data == Self.message)
  }

  @Test(arguments: ["text/html", "application/grpcx", "application/json"])
  func otherContentTypesAre415(_ type: String) async throws {
    let response = try await request(Self.headers(type: type))
    #expect(response.fields[":status"] == "415")
  }

  @Test func otherMethodsAre405() async throws {
    let response = try await request(Self.headers(method: "PUT"))
    #expect(response.fields[":status"] == "405")
  }

  @Test(arguments: ["", "5", "S", "123456789S", "5x", "-5S", "5 S"])
  func malformedTimeoutIsInternal(_ timeout: String) async throws {
    let response = try await request(Self.headers("grpc-timeout", timeout))
    #expect(response.fields["grpc-status"] == "13")
  }

  @Test func pathThatIsNoTextIsUnimplemented() async throws {
    var headers = HTTP2Headers([":method": "POST", ":scheme": "http", ":authority": "a"])
    headers.append(":path", Array("/test.Test/".utf8) + [0xff, 0xc0])
    headers.append("content-type", "application/grpc")
    try await withServer(Self.echo) { _, address, _ in
      let client = try await ForeignClient.connect(address)
      let response = await client.request(headers, body: Self.message)
      #expect(response.fields["grpc-status"] == "12")
      let next = await client.request(HTTP2Headers(Self.headers()), body: Self.message)
      #expect(next.fields["grpc-status"] == "0")
      await client.close()
    }
  }

  @Test func timeoutOfZeroHasPassed() async throws {
    let response = try await request(Self.headers("grpc-timeout", "0n"))
    #expect(response.fields["grpc-status"] == "4")
  }

  @Test func unknownCompressionIsUnimplementedAndToldWhatIsUnderstood() async throws {
    let response = try await request(Self.headers("grpc-encoding", "snappy"))
    #expect(response.fields["grpc-status"] == "12")
    #expect(response.fields["grpc-accept-encoding"] == "identity,gzip")
  }

  @Test func brokenBinaryMetadataIsInternal() async throws {
    let response = try await request(Self.headers("x-bin", "***"))
    #expect(response.fields["grpc-status"] == "13")
  }

  @Test(
    arguments: [
      [0, 0, 0, 0, 3, 7, 8], [0, 0], [1, 0, 0, 0, 1, 1], [9, 0, 0, 0, 1, 1],
    ] as [[UInt8]])
  func messageThatIsCutShortOrBadlyPrefixedIsInternal(_ body: [UInt8]) async throws {
    let response = try await request(Self.headers(), body)
    #expect(response.fields["grpc-status"] == "13")
  }

  @Test func announcedLengthOverTheLimitIsRefusedBeforeItComes() async throws {
    let response = try await request(Self.headers(), [0, 255, 255, 255, 255], ends: false)
    #expect(response.fields["grpc-status"] == "8")
  }

  @Test(arguments: ["/", "", "/test.Test", "/test.Test/Echo/", "//Echo", "*"])
  func pathThatIsNoMethodIsUnimplemented(_ path: String) async throws {
    let response = try await request(Self.headers(path: path))
    // HTTP/2 itself refuses an empty path and one without a slash (RFC 9113 section 8.3.1).
    #expect(response.fields["grpc-status"] == "12" || response.resetCode == .protocolError)
  }

  @Test func tooManyHeadersAreResourceExhausted() async throws {
    let response = try await request(
      Self.headers("x", String(repeating: "y", count: 20_000)))
    #expect(response.fields["grpc-status"] == "8")
  }
}
