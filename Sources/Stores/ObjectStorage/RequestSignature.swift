import Encodings
import JSON
import LibCrypto
import Timing

/// Signs a request by AWS Signature Version 4, with the signature in a header.
///
/// Source: docs.aws.amazon.com, "Signature Version 4 for API requests" and
/// "Authenticating Requests: Using the Authorization Header".
struct RequestSignature {
  let credentials: Credentials
  let region: String
  let service: String
  /// `20130524T000000Z`
  let time: String

  init(_ credentials: Credentials, region: String, service: String = "s3", at time: Timestamp) {
    self.credentials = credentials
    self.region = region
    self.service = service
    // The server refuses a clock outside the years 1 to 9999, like any wrong one.
    let moment = RFC3339(seconds: time.seconds, nanoseconds: 0)?.text(fractionDigits: 0) ?? ""
    self.time = moment.filter { $0 != "-" && $0 != ":" }
  }

  private var day: String { String(time.prefix(8)) }
  private var scope: String { "\(day)/\(region)/\(service)/aws4_request" }

  /// The headers to send: those given, plus those that authenticate the request.
  ///
  /// - Parameters:
  ///   - path: escaped, as sent; without a query.
  ///   - headers: names in lower case, including `host`.
  func headers(
    _ method: String, _ path: String, _ headers: [(name: String, value: String)],
    bodyDigest: String
  ) -> [(name: String, value: String)] {
    var all = headers + [("x-amz-date", time)]
    if let token = credentials.sessionToken { all.append(("x-amz-security-token", token)) }
    all.sort { $0.name < $1.name }
    let names = all.map(\.name).joined(separator: ";")
    let request = [
      method, path, "", all.map { "\($0.name):\($0.value)\n" }.joined(), names, bodyDigest,
    ].joined(separator: "\n")
    let signed = [
      "AWS4-HMAC-SHA256", time, scope, LibCrypto.hexSHA256(Array(request.utf8)),
    ].joined(separator: "\n")
    let signature = Hexadecimal.encode(LibCrypto.hmacSHA256(Array(signed.utf8), key: key))
    all.append(
      (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=\(credentials.keyID)/\(scope), SignedHeaders=\(names), "
          + "Signature=\(signature)"
      ))
    return all
  }

  private var key: [UInt8] {
    [day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secret)".utf8)) {
      LibCrypto.hmacSHA256(Array($1.utf8), key: $0)
    }
  }
}
