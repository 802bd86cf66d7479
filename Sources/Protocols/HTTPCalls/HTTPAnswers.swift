import Downloads
import JSON
import RPC

extension RPCStatus {
  /// Why a request has no answer.
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

  /// The failure in an answer; nil if it carries a message.
  ///
  /// A refusal's text is its `detail` (RFC 9457), or a plain text body. Redirections are not
  /// followed.
  ///
  /// - Parameter mediaType: the media type of a message; nil: any.
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

  /// Maps an HTTP status to a gRPC code: the reverse of the REST gateway's mapping.
  ///
  /// A conflict is not ABORTED, which would make a dispatched command retry.
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

  /// The answer's explanation, for people.
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

  /// The beginning of its body.
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
