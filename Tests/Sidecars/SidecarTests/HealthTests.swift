import OutriderTesting
import RPC
import Sidecars
import Testing

@Suite(.timeLimit(.minutes(5))) struct HealthTests {
  private let table = HealthTable(services: ["a.B"])
  private let check = Method(service: "grpc.health.v1.Health", name: "Check")
  private let watch = Method(service: "grpc.health.v1.Health", name: "Watch")
  private var channel: InProcessChannel { InProcessChannel([.health(table)]) }

  @Test func nothingServesUntilItIsSaid() async throws {
    #expect(try await channel.unary(check, field(1, "a.B")) == [8, 2])
    table.setAll(.serving)
    #expect(try await channel.unary(check, field(1, "a.B")) == [8, 1])
    #expect(try await channel.unary(check, []) == [8, 1])
  }

  @Test func anUnknownServiceIsNotFound() async throws {
    let status = await #expect(throws: RPCStatus.self) {
      try await channel.unary(check, field(1, "c.D"))
    }
    #expect(status?.code == .notFound)
  }

  @Test func aWatcherHearsOfEachChange() async throws {
    let call = try await channel.serverStreaming(watch, field(1, "a.B"))
    var answers = call.responses.makeAsyncIterator()
    #expect(try await answers.next() == [8, 2])
    table.setAll(.serving)
    #expect(try await answers.next() == [8, 1])
    table.setAll(.notServing)
    #expect(try await answers.next() == [8, 2])
  }

  @Test func nothingServesWhileSuspendedWhateverIsSet() async throws {
    let call = try await channel.serverStreaming(watch, field(1, "a.B"))
    var answers = call.responses.makeAsyncIterator()
    #expect(try await answers.next() == [8, 2])
    table.setAll(.serving)
    #expect(try await answers.next() == [8, 1])
    table.suspend(true)
    #expect(try await answers.next() == [8, 2])
    table.setAll(.serving)
    #expect(try await channel.unary(check, []) == [8, 2])
    table.suspend(false)
    #expect(try await answers.next() == [8, 1])
    table.suspend(true)
    table.setAll(.notServing)
    table.suspend(false)
    #expect(try await channel.unary(check, []) == [8, 2])
  }

  @Test func aWatcherHearsThatTheServerShutsDownAndKeepsItUpNoLonger() async throws {
    table.setAll(.serving)
    let call = try await channel.serverStreaming(watch, [])
    var answers = call.responses.makeAsyncIterator()
    #expect(try await answers.next() == [8, 1])
    table.end()
    #expect(try await answers.next() == [8, 2])
    let status = await #expect(throws: RPCStatus.self) { try await answers.next() }
    #expect(status?.code == .unavailable)
  }

  @Test func aWatcherOfAnUnknownServiceHearsThat() async throws {
    let call = try await channel.serverStreaming(watch, field(1, "c.D"))
    var answers = call.responses.makeAsyncIterator()
    #expect(try await answers.next() == [8, 3])
  }

  @Test func allServicesAreListed() async throws {
    table.setAll(.serving)
    let list = Method(service: "grpc.health.v1.Health", name: "List")
    #expect(
      try await channel.unary(list, [])
        == field(1, field(2, [8, 1])) + field(1, field(1, "a.B") + field(2, [8, 1])))
  }

  @Test(arguments: [[0x0a], [0x0a, 5, 65], [0xff]] as [Message])
  func bytesThatAreNoRequestAreRefused(_ bytes: Message) async throws {
    let status = await #expect(throws: RPCStatus.self) { try await channel.unary(check, bytes) }
    #expect(status?.code == .invalidArgument)
  }
}
