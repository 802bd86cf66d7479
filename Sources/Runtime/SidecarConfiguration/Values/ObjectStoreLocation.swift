import Encodings

/// A bucket of an object store with S3's API: `s3://BUCKET/PREFIX?OPTIONS`.
///
/// Options: `region` (default us-east-1), `endpoint` (default AWS's in that region), `path-style`
/// (true: the bucket's name is in the path; default true with an `endpoint`).
public struct ObjectStoreLocation: Sendable, Hashable {
  public let bucket: String
  /// The prefix of all keys, without slashes around it; may be empty.
  public let prefix: String
  public let region: String
  /// Nil: AWS.
  public let endpoint: CollectorAddress?
  public let isInPath: Bool

  /// The server's host.
  public var host: String {
    if case .tcp(let host, _)? = endpoint?.endpoint { return host }
    return "s3.\(region).amazonaws.com"
  }

  public var port: Int {
    if case .tcp(_, let port)? = endpoint?.endpoint { return port }
    return 443
  }

  public var isSecure: Bool { endpoint?.isSecure ?? true }

  /// True if others on the network could read the objects.
  var isInTheClear: Bool { endpoint?.isInTheClear ?? false }
}

extension ObjectStoreLocation: LosslessStringConvertible {
  /// Nil if the text names no bucket, or has an unknown option.
  public init?(_ text: String) {
    guard text.hasPrefix("s3://"), text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      return nil
    }
    let parts = text.dropFirst("s3://".count).split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let place = parts[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard Self.isBucket(place[0]) else { return nil }
    bucket = String(place[0])
    prefix = place.count < 2 ? "" : place[1].trimmed { $0 == "/" }
    var options = ["region": "us-east-1"]
    for option in parts.count < 2 ? [] : parts[1].split(separator: "&") {
      let sides = option.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, ["region", "endpoint", "path-style"].contains(sides[0]),
        let value = URIEncoding.decode(sides[1])
      else { return nil }
      options[String(sides[0])] = value
    }
    region = options["region"] ?? ""
    endpoint = options["endpoint"].flatMap { CollectorAddress($0, securePort: 443, clearPort: 80) }
    isInPath = options["path-style"].map { $0 == "true" } ?? (endpoint != nil)
    guard !region.isEmpty,
      region.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || $0.isLetterOrDigit }),
      endpoint != nil || options["endpoint"] == nil,
      ["true", "false", nil].contains(options["path-style"])
    else { return nil }
  }

  /// Checks a bucket's name ("Bucket naming rules"): lower case, digits, hyphens, dots.
  private static func isBucket(_ name: Substring) -> Bool {
    (3...63).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
          || $0.isLetterOrDigit && !(0x41...0x5A).contains($0)
      }
  }

  public var description: String {
    var options = ["region=\(region)"]
    if let endpoint { options.append("endpoint=\(endpoint)") }
    options.append("path-style=\(isInPath)")
    return "s3://\(bucket)/\(prefix)?\(options.joined(separator: "&"))"
  }
}

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}

extension Substring {
  fileprivate func trimmed(_ isEdge: (Character) -> Bool) -> String {
    var rest = self[...]
    while let first = rest.first, isEdge(first) { rest.removeFirst() }
    while let last = rest.last, isEdge(last) { rest.removeLast() }
    return String(rest)
  }
}

extension ValueFormat<ObjectStoreLocation> {
  static let objectStore = ValueFormat(
    placeholder: "BUCKET", allowed: "s3://BUCKET/PREFIX?region=REGION&endpoint=URL&path-style=true",
    parse: { ObjectStoreLocation($0) }, write: { $0.description },
    example: "s3://snapshots/bank?region=eu-central-1")
}
