import Encodings

/// A part of an object store with S3's API: a bucket and a key prefix.
public struct Bucket: Sendable, Equatable {
  /// The server.
  public var host: String
  public var port: Int
  /// The server's name for the header `host`, if the bucket is part of the path.
  public var authority: String
  public var name: String
  /// The prefix of every key, without slashes around it; may be empty.
  public var prefix: String
  /// The region for request signatures.
  public var region: String
  /// Whether the bucket's name is the first part of the path, not of the host name.
  public var isInPath: Bool

  public init(
    host: String, port: Int, authority: String, name: String, prefix: String, region: String,
    isInPath: Bool
  ) {
    self.host = host
    self.port = port
    self.authority = authority
    self.name = name
    self.prefix = prefix
    self.region = region
    self.isInPath = isInPath
  }

  /// The host to connect to.
  var server: String { isInPath ? host : "\(name).\(host)" }

  /// The value of the header `host`.
  var hostHeader: String { isInPath ? authority : "\(name).\(authority)" }

  /// The path of an object, as sent and signed: each part of the key is escaped once.
  func path(of key: String) -> String {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    let escaped = parts.map { URIEncoding.encode($0.utf8) }.joined(separator: "/")
    return isInPath ? "/\(URIEncoding.encode(name.utf8))/\(escaped)" : "/\(escaped)"
  }
}

/// The credentials for signing requests.
public struct Credentials: Sendable, Equatable {
  public var keyID: String
  public var secret: String
  /// For temporary credentials.
  public var sessionToken: String?

  public init(keyID: String, secret: String, sessionToken: String? = nil) {
    self.keyID = keyID
    self.secret = secret
    self.sessionToken = sessionToken
  }
}
