import Synchronization
import Testing

@testable import RPC

@Suite(.timeLimit(.minutes(5))) struct InterceptorTests {
  /// Writes down what it sees.
  final class Witness: ServerInterceptor, ClientInterceptor {
    let name: String
    let lines: Lines

    init(_ name: String, _ lines: Lines) {
      self.name = name
      self.lines = lines
    }

    func intercept(
      _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
    ) async throws {
      lines.add("\(name) before \(context.method.name)")
      do { try await proceed(context) } catch {
        lines.add("\(name) failed")
        throw error
      }
      lines.add("\(name) after")
    }

    func begin(
      _ method: RPC.Method, _ options: inout CallOptions
    ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)? {
      options.metadata.append("witness", name)
      return { [lines, name] in lines.add("\(name) \($0.code)") }
    }
  }

  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  /// Lets nobody through.
  struct Refusal: ServerInterceptor {
    func intercept(
      _ context: ServerContext, _ proceed: (ServerContext) async throws -> Void
    ) async throws {
      throw RPCStatus(.permissionDenied, "nobody")
    }
  }

  let lines = Lines()
  let service = Service(
    "test.Test",
    [
      "Echo": .unary { message, _ in message },
      "Witness": .unary { _, context in
        Array(context.metadata.values("witness").joined(separator: " ").utf8)
      },
      "Fail": .clientStreaming { _, _ in throw RPCStatus(.notFound) },
      "Two": .serverStreaming { message, responses, _ in
        try await responses.send(message)
        try await responses.send(message)
      },
      "Chat": .bidirectional { requests, responses, _ in
        for try await message in requests { try await responses.send(message) }
      },
    ])

  func method(_ name: String) -> RPC.Method { Method(service: "test.Test", name: name) }

  @Test(arguments: ["Echo", "Two", "Chat"])
  func firstInterceptorIsTheOutermost(_ name: String) async throws {
    let service = service.intercepted(by: [Witness("a", lines), Witness("b", lines)])
    let call = try await InProcessChannel([service]).serverStreaming(method(name), [1])
    for try await message in call.responses { #expect(message == [1]) }
    #expect(lines.all == ["a before \(name)", "b before \(name)", "b after", "a after"])
  }

  @Test func interceptorSeesTheHandlersFailure() async throws {
    let channel = InProcessChannel([service.intercepted(by: [Witness("a", lines)])])
    let error = await #expect(throws: RPCStatus.self) {
      try await channel.unary(method("Fail"), [])
    }
    #expect(error?.code == .notFound)
    #expect(lines.all == ["a before Fail", "a failed"])
  }

  @Test func refusedCallNeverReachesTheHandler() async throws {
    let channel = InProcessChannel([
      service.intercepted(by: [Refusal(), Witness("never", lines)])
    ])
    let error = await #expect(throws: RPCStatus.self) {
      try await channel.unary(method("Echo"), [])
    }
    #expect(error?.code == .permissionDenied)
    #expect(lines.all.isEmpty)
  }

  @Test func clientInterceptorsAddMetadataAndHearTheEnd() async throws {
    let channel = InterceptedChannel(
      InProcessChannel([service]), [Witness("a", lines), Witness("b", lines)])
    let answer = try await channel.unary(method("Witness"), [])
    #expect(String(decoding: answer, as: UTF8.self) == "a b")
    #expect(lines.all == ["b OK", "a OK"])
  }

  @Test func endOfAStreamIsHeardOnce() async throws {
    let channel = InterceptedChannel(InProcessChannel([service]), [Witness("a", lines)])
    let call = try await channel.serverStreaming(method("Two"), [1])
    for try await _ in call.responses {}
    _ = await call.status
    #expect(lines.all == ["a OK"])
  }
}
