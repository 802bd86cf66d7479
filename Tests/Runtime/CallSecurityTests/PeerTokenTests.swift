import Foundation
import Logging
import OutriderTesting
import RPC
import SidecarConfiguration
import Testing

@testable import CallSecurity

@Suite(.timeLimit(.minutes(5))) final class PeerTokenTests {
  let path = FileManager.default.temporaryDirectory
    .appending(path: "outrider-token-\(UInt64.random(in: 0...UInt64.max))").path

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ content: String) throws {
    try Data(content.utf8).write(to: URL(filePath: path))
  }

  /// Answers with what it was shown; refuses what is not "Bearer new" if it is strict.
  func channel(isStrict: Bool) throws -> any RPCChannel {
    let service = Service(
      "test.Test",
      [
        "Show": .unary { _, context in
          let shown = context.metadata.values("authorization").joined(separator: ", ")
          guard !isStrict || shown == "Bearer new" else { throw RPCStatus(.unauthenticated) }
          return Array(shown.utf8)
        }
      ])
    let token = try PeerToken(path, Logger(label: "test"))
    return InterceptedChannel(InProcessChannel([service]), [token])
  }

  func shown(on channel: any RPCChannel) async throws -> String {
    let answer = try await channel.unary(Method(service: "test.Test", name: "Show"), [])
    return String(decoding: answer, as: UTF8.self)
  }

  @Test func tokenGoesWithEachCall() async throws {
    try write("abc.def\n")
    let channel = try channel(isStrict: false)
    for _ in 0..<2 {
      let authorization = try await shown(on: channel)
      #expect(authorization == "Bearer abc.def")
    }
  }

  @Test func refusedTokenIsReadAgain() async throws {
    try write("old")
    let channel = try channel(isStrict: true)
    let error = await #expect(throws: RPCStatus.self) { try await shown(on: channel) }
    #expect(error?.code == .unauthenticated)
    try write("new")
    let authorization = try await shown(on: channel)
    #expect(authorization == "Bearer new")
  }

  @Test func lastTokenStaysWhileThereIsNone() async throws {
    try write("old")
    let channel = try channel(isStrict: true)
    try write("")
    for _ in 0..<2 {
      let error = await #expect(throws: RPCStatus.self) { try await shown(on: channel) }
      #expect(error?.code == .unauthenticated)
    }
    try write("new")
    let authorization = try await shown(on: channel)
    #expect(authorization == "Bearer new")
  }

  @Test(arguments: ["", "two words", "ümlaut"])
  func fileWithoutAOneTokenIsRefusedAtStart(_ content: String) throws {
    try write(content)
    let error = #expect(throws: SidecarError.self) { try PeerToken(path, Logger(label: "test")) }
    #expect(error?.description.contains("tokens.peer-file: \(path)") == true)
  }

  @Test func tokenIsNotSentInTheClearToAnotherMachine() throws {
    func problems(_ coordinator: String, _ more: String = "", isSynchronous: Bool = true)
      -> [String]
    {
      OutriderTesting.problems(
        yaml: """
          tokens: {peer-file: t}
          projector: {coordinator: "\(coordinator)", synchronous: \(isSynchronous)}
          \(more)
          """)
    }
    #expect(
      problems("projector:1315") == [
        "tokens.peer-file (outrider.yaml:1): the token would go to projector:1315 in the clear; "
          + "set tls.peer-authorities"
      ])
    #expect(problems("127.0.0.1.example:1315").count == 1)
    #expect(problems("projector:1315", "tls: {peer-authorities: ca.pem}").isEmpty)
    #expect(problems("projector:1315", isSynchronous: false).isEmpty)
    for local in ["127.0.0.2:1315", "localhost:1315", "[::1]:1315", "unix:/run/projector"] {
      #expect(problems(local).isEmpty)
    }
  }
}
