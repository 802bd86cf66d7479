import EventModel
import OutriderTesting
import RPC
import Sidecars
import Synchronization
import Testing
import Wire

/// Descriptors of payloads come from files that were given, else from the logic's reflection.
@Suite(.timeLimit(.minutes(5))) struct PayloadDescriptorTests {
  /// A `FileDescriptorProto` with one message.
  private static func file(_ name: String, message: String, imports: String...) -> Bytes {
    field(1, name) + field(2, "bank") + imports.flatMap { field(3, $0) }
      + field(4, field(1, message))
  }

  private static func set(_ files: Bytes...) throws -> DescriptorSet {
    var set = DescriptorSet()
    try set.add(files.flatMap { field(1, $0) })
    return set
  }

  /// A server with the reflection of these versions, that answers with single files, as some do.
  private func logic(_ files: [String: Bytes], version: String = "v1") -> InProcessChannel {
    let name = "grpc.reflection.\(version).ServerReflection"
    return InProcessChannel([
      Service(
        name,
        [
          "ServerReflectionInfo": .bidirectional { requests, responses, _ in
            for try await request in requests {
              let request = try GRPCReflectionV1.Request(wireBytes: request)
              let wanted =
                switch request.question {
                case .symbol(let symbol): symbol
                case .file(let name): name
                default: ""
                }
              let answer = files[wanted].map { GRPCReflectionV1.Response.Answer.files([$0]) }
              try await responses.send(
                GRPCReflectionV1.Response(answer ?? .failure(.notFound, "no"), to: request)
                  .wireBytes)
            }
          }
        ])
    ])
  }

  private func sidecar(
    given: DescriptorSet = DescriptorSet(), _ logic: [any RPCChannel],
    admission: (any CallAdmission)? = nil
  ) -> ReflectionClient {
    let payloads = PayloadDescriptors(
      given: given, logic: logic, admission: admission, patience: .seconds(60))
    return ReflectionClient(InProcessChannel(Service.reflecting([], payloads: payloads)))
  }

  @Test(arguments: ["v1", "v1alpha"])
  func logicIsAskedAndWhatItImportsToo(_ version: String) async throws {
    let account = Self.file("account.proto", message: "Account", imports: "money.proto")
    let money = Self.file("money.proto", message: "Money")
    let logic = logic(["bank.Account": account, "money.proto": money], version: version)
    let files = try await sidecar([logic]).files(defining: "bank.Account")
    #expect(files == [account, money])
  }

  @Test func importThatTheLogicDoesNotHaveIsLeftOut() async throws {
    let account = Self.file("account.proto", message: "Account", imports: "money.proto")
    let files = try await sidecar([logic(["bank.Account": account])])
      .files(defining: "bank.Account")
    #expect(files == [account])
  }

  @Test func importsThatGoInACircleEnd() async throws {
    let one = Self.file("one.proto", message: "One", imports: "two.proto")
    let two = Self.file("two.proto", message: "Two", imports: "one.proto")
    let logic = logic(["bank.One": one, "one.proto": one, "two.proto": two])
    #expect(try await sidecar([logic]).files(defining: "bank.One") == [one, two])
  }

  @Test func givenDescriptorsComeFirst() async throws {
    let given = Self.file("given.proto", message: "Account")
    let other = Self.file("other.proto", message: "Account")
    let client = sidecar(given: try Self.set(given), [logic(["bank.Account": other])])
    #expect(try await client.files(defining: "bank.Account") == [given])
  }

  @Test func logicWithoutReflectionDescribesNothing() async throws {
    let account = Self.file("account.proto", message: "Account")
    let silent = InProcessChannel([Service("evented.BusinessLogic", [:])])
    let client = sidecar([silent, logic(["bank.Account": account])])
    #expect(try await client.files(defining: "bank.Account") == [account])
    #expect(try await client.files(defining: "bank.Unknown") == nil)
    #expect(try await sidecar([silent]).files(defining: "bank.Account") == nil)
  }

  @Test func ownDescriptorsNeedNoLogic() async throws {
    let files = try #require(try await sidecar([]).files(defining: "evented.EventBook"))
    #expect(
      try files.map { try DescriptorSet.outline(of: $0).name }.first == "evented/evented.proto")
  }

  /// Strangers learn what the sidecar itself offers, and nothing of the team's types.
  @Test func callerWhoMayNotAskLearnsNothing() async throws {
    struct RefusesEverybody: CallAdmission {
      func decide(_ context: ServerContext) -> AdmissionDecision {
        .pending { .refused(Refusal(.unauthenticated, "who are you?")) }
      }
    }
    let account = Self.file("account.proto", message: "Account")
    let client = sidecar(given: try Self.set(account), [], admission: RefusesEverybody())
    #expect(try await client.files(defining: "bank.Account") == nil)
    #expect(try await client.files(defining: "evented.EventBook") != nil)
  }

  @Test func serverWithoutReflectionIsUnimplemented() async {
    let client = ReflectionClient(InProcessChannel([Service("a.B", [:])]))
    let status = await #expect(throws: RPCStatus.self) {
      _ = try await client.files(defining: "bank.Account")
    }
    #expect(status?.code == .unimplemented)
  }
}
