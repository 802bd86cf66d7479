import Synchronization
import Testing

@testable import RPC

@Suite(.timeLimit(.minutes(5))) struct AdmissionTests {
  /// Says the same to every call.
  struct Says: CallAdmission {
    let decision: AdmissionDecision
    func decide(_ context: ServerContext) -> AdmissionDecision { decision }
  }

  static let admission = Admission(
    caller: Caller(.token, names: [CallerName(.token, "web")]), authority: Words(words: ["order"]))
  /// An authority of this test.
  struct Words: Authority, Equatable {
    var words: [String]
  }

  static let refusal = Refusal(.permissionDenied, "nobody may")

  /// Remembers how calls ended.
  final class Witness: ServerInterceptor {
    private let codes = Mutex<[RPCStatus.Code]>([])
    var all: [RPCStatus.Code] { codes.withLock { $0 } }

    func intercept(
      _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
    ) async throws {
      do { try await proceed(context) } catch {
        codes.withLock { $0.append(RPCStatus(thrownByHandler: error).code) }
        throw error
      }
      codes.withLock { $0.append(.ok) }
    }
  }

  static let service = Service(
    "test.Test",
    [
      "Unary": .unary { _, context in Array("\(context.caller)".utf8) },
      "Server": .serverStreaming { message, responses, _ in try await responses.send(message) },
      "Client": .clientStreaming { requests, _ in
        for try await _ in requests {}
        return []
      },
      "Both": .bidirectional { requests, responses, _ in
        for try await message in requests { try await responses.send(message) }
      },
      "Authority": .unary { _, _ in
        guard Admission.authority as? Words == Words(words: ["order"]) else {
          throw RPCStatus(.permissionDenied)
        }
        return []
      },
    ])

  func code(
    _ method: String, _ decision: AdmissionDecision, seenBy witness: Witness = Witness()
  ) async -> RPCStatus {
    let guarded = Self.service.admitted(by: Says(decision: decision)).intercepted(by: [witness])
    do {
      _ = try await InProcessChannel([guarded])
        .unary(Method(service: "test.Test", name: method), [1])
      return .ok
    } catch {
      return error
    }
  }

  @Test(arguments: ["Unary", "Server", "Client", "Both"])
  func refusedCallEndsWithItsStatusAndInterceptorsSeeIt(_ method: String) async {
    let witness = Witness()
    let status = await code(method, .refused(Self.refusal), seenBy: witness)
    #expect(status == Self.refusal.status)
    #expect(witness.all == [.permissionDenied])
  }

  @Test(arguments: ["Unary", "Server", "Client", "Both"])
  func admittedCallRuns(_ method: String) async {
    let witness = Witness()
    let status = await code(method, .admitted(Self.admission), seenBy: witness)
    #expect(status == .ok)
    #expect(witness.all == [.ok])
  }

  @Test func callWaitsForItsDecision() async {
    let admitted = await code("Unary", .pending { .admitted(Self.admission) })
    #expect(admitted == .ok)
    let refused = await code("Unary", .pending { .pending { .refused(Self.refusal) } })
    #expect(refused == Self.refusal.status)
  }

  @Test func handlerSeesWhomItServesAndWhere() async throws {
    let guarded = Self.service.admitted(by: Says(decision: .admitted(Self.admission)))
    let answer = try await InProcessChannel([guarded])
      .unary(Method(service: "test.Test", name: "Unary"), [])
    #expect(String(decoding: answer, as: UTF8.self) == "token:web")
    #expect(await code("Authority", .admitted(Self.admission)) == .ok)
    let other = Admission(caller: Self.admission.caller)
    #expect(await code("Authority", .admitted(other)).code == .permissionDenied)
  }
}
