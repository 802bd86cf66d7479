import RPC
import Testing

@Suite struct HealthServiceTests {
  let health = HealthService()
  let check = Method(service: "grpc.health.v1.Health", name: "Check")
  let watch = Method(service: "grpc.health.v1.Health", name: "Watch")

  /// HealthCheckRequest with the service's name, as protobuf writes it.
  func request(_ name: String) -> Message {
    [0x0a, UInt8(name.utf8.count)] + Array(name.utf8)
  }

  @Test func serverAsAWholeServesFromTheStart() async throws {
    let channel = InProcessChannel([health.service])
    #expect(try await channel.unary(check, []) == [8, 1])
  }

  @Test func unknownServiceIsNotFound() async throws {
    let channel = InProcessChannel([health.service])
    let error = await #expect(throws: RPCStatus.self) {
      try await channel.unary(check, request("a.B"))
    }
    #expect(error == RPCStatus(.notFound, "no service \"a.B\" is known here"))
  }

  @Test func watcherHearsOfEachChange() async throws {
    let channel = InProcessChannel([health.service])
    let call = try await channel.serverStreaming(watch, request("a.B"))
    var answers = call.responses.makeAsyncIterator()
    #expect(try await answers.next() == [8, 3])
    health.set(.serving, for: "a.B")
    #expect(try await answers.next() == [8, 1])
    health.set(.notServing, for: "a.B")
    #expect(try await answers.next() == [8, 2])
  }

  @Test(arguments: [[0x0a], [0x0a, 5, 65], [0xff], [0x0b], [0x09, 1]] as [Message])
  func bytesThatAreNoRequestAreRefused(_ bytes: Message) async throws {
    let channel = InProcessChannel([health.service])
    let error = await #expect(throws: RPCStatus.self) { try await channel.unary(check, bytes) }
    #expect(error?.code == .invalidArgument)
  }
}
