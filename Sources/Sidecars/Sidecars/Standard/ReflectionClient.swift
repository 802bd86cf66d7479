import EventModel
import RPC
import Wire

/// Asks a server's reflection for message types: `grpc.reflection.v1`, or `v1alpha` if the server
/// has only that.
public struct ReflectionClient: Sendable {
  /// Limits on the files and bytes of one type; beyond them the search ends.
  private static let fileCountMax = 512
  private static let byteCountMax = 16 << 20

  private let channel: any RPCChannel
  private let options: CallOptions

  public init(_ channel: any RPCChannel, _ options: CallOptions = CallOptions()) {
    self.channel = channel
    self.options = options
  }

  /// The `FileDescriptorProto` that defines a symbol (by full name), and all its imports; nil if
  /// the server does not know it. Throws UNIMPLEMENTED if the server offers no reflection.
  public func files(defining symbol: String) async throws(RPCStatus) -> [Bytes]? {
    try await files(.symbol(symbol))
  }

  /// The files that answer a question, and all their imports.
  func files(
    _ question: GRPCReflectionV1.Request.Question
  ) async throws(RPCStatus) -> [Bytes]? {
    do throws(RPCStatus) { return try await files(question, "v1") } catch {
      guard error.code == .unimplemented else { throw error }
      return try await files(question, "v1alpha")
    }
  }

  private func files(
    _ question: GRPCReflectionV1.Request.Question, _ version: String
  ) async throws(RPCStatus) -> [Bytes]? {
    let method = Method(
      service: "grpc.reflection.\(version).ServerReflection", name: "ServerReflectionInfo")
    let call = try await channel.stream(method, options)
    defer { call.cancel() }
    var found: [String: Bytes] = [:]
    var names: [String] = []
    var asked: Set<String> = []
    var byteCount = 0
    var questions = [question]
    while let question = questions.popLast() {
      // Servers may omit imports, and may not have all of them.
      for file in try await answer(question, in: call) {
        guard let (name, imports) = try? DescriptorSet.outline(of: file) else { continue }
        guard found.updateValue(file, forKey: name) == nil else { continue }
        names.append(name)
        byteCount += file.count
        guard names.count <= Self.fileCountMax, byteCount <= Self.byteCountMax else {
          throw RPCStatus(.resourceExhausted, "the server describes more than can be taken")
        }
        asked.insert(name)
        questions += imports.filter { asked.insert($0).inserted }.map { .file($0) }
      }
      questions.removeAll { if case .file(let name) = $0 { found[name] != nil } else { false } }
    }
    return names.isEmpty ? nil : names.compactMap { found[$0] }
  }

  private func answer(
    _ question: GRPCReflectionV1.Request.Question, in call: ClientCall
  ) async throws(RPCStatus) -> [Bytes] {
    try await call.send(question.wireBytes)
    var responses = call.responses.makeAsyncIterator()
    guard let response = try await responses.next() else {
      throw RPCStatus(.internal, "reflection ended without an answer")
    }
    do { return try GRPCReflectionV1.FileAnswer(wireBytes: response).files } catch {
      throw RPCStatus(.internal, "reflection sent an unreadable answer: \(error)")
    }
  }
}
