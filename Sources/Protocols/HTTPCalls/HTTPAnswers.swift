import Downloads
import JSON
import RPC

extension RPCStatus {
  /// Why there is no answer to a request.
  init(_ error: DownloadError, to request: String) {
    let message = "\(request): \(error)"
    switch error.kind {
    case .unreachable: self.init(.unavailable, message, isNeverProcessed: true)
    case .interrupted: self.init(.unavailable, message)
    case .timedOut: self = .deadlinePassed
    case .tooLong: self.init(.resourceExhausted, message)
    case .malformed:
      self.init(.internal, "the answer to \(request) is not HTTP/1.1: \(error)")
    }
  }

  /// What an answer says instead of a message; nil: it has one.
  ///
  /// A refusal's own words are its `detail` (RFC 9457), or a body of plain text. A redirection is
  /// not followed.
  ///
  /// - Parameter mediaType: of a message; nil: any will do.
  init?(_ answer: WebAnswer, to request: String, wanting mediaType: String?) {
    let answered = "\(request) was answered with \(answer.status)"
    switch answer.code {
    case 200:
      let type = answer.mediaType
      if mediaType == nil || type == mediaType { return nil }
      self.init(
        .internal,
        "\(answered) and \(type ?? "no Content-Type"), not \(mediaType ?? ""): \(answer.excerpt)")
    case 400...599:
      self.init(Self.code(of: answer.code), answer.refusal ?? answered)
    case 300...399:
      let target = answer.header("location").map { " to \($0)" } ?? ""
      self.init(.internal, "\(answered)\(target), and redirections are not followed")
    default: self.init(.internal, "\(answered), not with 200")
    }
    message = message.cut(to: RPCLimits.statusMessageBytesMax)
  }

  /// A status of HTTP as one of gRPC: what the REST gateway makes of the latter, backwards.
  ///
  /// A conflict is no ABORTED: that would have a dispatched command tried again.
  private static func code(of status: Int) -> Code {
    switch status {
    case 400: .invalidArgument
    case 401: .unauthenticated
    case 403: .permissionDenied
    case 404, 410: .notFound
    case 405, 415, 501: .unimplemented
    case 413, 429: .resourceExhausted
    case 502, 503: .unavailable
    case 408, 504: .deadlineExceeded
    case 400...499: .failedPrecondition
    default: .unknown
    }
  }
}

extension WebAnswer {
  /// In lower case, without parameters.
  fileprivate var mediaType: String? {
    header("content-type")?.prefix { $0 != ";" }.lowercased().trimmingSuffix { $0 == " " }
  }

  /// What it says to a person.
  fileprivate var refusal: String? {
    switch mediaType {
    case "application/problem+json", "application/json":
      guard let problem = try? JSONValue.parse(body) else { return nil }
      for name in ["detail", "title"] {
        if case .string(let text)? = problem[name], !text.isEmpty { return text }
      }
      return nil
    case "text/plain":
      let text = String(decoding: body, as: UTF8.self).trimmingSuffix { $0.isWhitespace }
      return text.isEmpty ? nil : text
    default: return nil
    }
  }

  /// How its body begins.
  fileprivate var excerpt: String {
    String(decoding: body.prefix(100), as: UTF8.self)
  }
}

extension StringProtocol {
  fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
    var end = endIndex
    while end > startIndex, isTrimmed(self[index(before: end)]) { end = index(before: end) }
    return String(self[..<end])
  }
}
