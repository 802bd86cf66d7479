import Downloads
import RPC
import Timing

/// Maps unary calls to HTTP/1.1 requests, for servers without gRPC.
///
/// The method `Handle` is `POST BASE/handle`. Messages are bodies of one media type, metadata are
/// headers, and statuses are HTTP's: see `RPCStatus.init(_:to:wanting:)`. A check of
/// `grpc.health.v1.Health` is `GET BASE/health`; as over gRPC, any answer except that the server
/// is away or late (408, 502, 503, 504) shows that it is there.
///
/// A request may be executed twice if a reused connection breaks before the answer.
package final class HTTPChannel: RPCChannel {
  /// The time limit of calls without a deadline.
  private static let timeoutMax = Duration.seconds(3600)
  private static let health = "grpc.health.v1.Health"

  private let server: WebServer
  private let base: String
  private let mediaType: String
  private let answerBytesMax: Int
  private let environment: Environment

  /// - Parameters:
  ///   - base: the prefix of each path: empty, or for example `/functions`.
  ///   - mediaType: the media type of requests and answers.
  ///   - answerBytesMax: a longer answer fails its call with RESOURCE_EXHAUSTED.
  package init(
    to server: WebServer, base: String, mediaType: String, answerBytesMax: Int,
    environment: Environment = .live
  ) {
    self.server = server
    self.base = base
    self.mediaType = mediaType
    self.answerBytesMax = answerBytesMax
    self.environment = environment
  }

  package func unary(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    var backoff = Backoff()
    while true {
      do throws(RPCStatus) { return try await ask(method, request, options) } catch {
        let pause = backoff.next(random: environment.random())
        guard options.waitForReady, error.isNeverProcessed,
          pause < (options.deadline.remaining ?? Self.timeoutMax)
        else { throw error }
        do { try await environment.sleep(pause) } catch { throw .taskCancelled }
      }
    }
  }

  package func stream(
    _ method: Method, _ options: CallOptions
  ) async throws(RPCStatus) -> ClientCall {
    throw RPCStatus(.unimplemented, "\(method) cannot be called over HTTP: it is a stream")
  }

  package func close() async { server.close() }

  private func ask(
    _ method: Method, _ request: Message, _ options: CallOptions
  ) async throws(RPCStatus) -> Message {
    let isHealth = method.service == Self.health
    let (verb, path) =
      isHealth ? ("GET", base + "/health") : ("POST", base + "/" + method.name.lowercased())
    let remaining = options.deadline.remaining ?? Self.timeoutMax
    guard remaining > .zero else { throw .deadlinePassed }
    let answer: WebAnswer
    do {
      answer = try await server.send(
        verb, path, headers: headers(options, isHealth: isHealth), body: isHealth ? [] : request,
        timeout: min(remaining, Self.timeoutMax),
        byteCountMax: options.messageSizeMax ?? answerBytesMax)
    } catch let error as DownloadError {
      throw RPCStatus(error, to: "\(verb) \(path)")
    } catch { throw .taskCancelled }
    if let status = RPCStatus(answer, to: "\(verb) \(path)", wanting: isHealth ? nil : mediaType) {
      throw status
    }
    return answer.body
  }

  private func headers(
    _ options: CallOptions, isHealth: Bool
  ) -> [(name: String, value: String)] {
    var headers = isHealth ? [] : [("content-type", mediaType), ("accept", mediaType)]
    func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
      // Servers do not agree on an encoding of bytes in HTTP/1.1.
      guard !Metadata.isBinary(name) else { return }
      let (name, value) = (
        String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)
      )
      headers.append((name, value))
    }
    options.metadata.forEach(add)
    return headers
  }
}
