import Encodings

/// A part of an object store that speaks S3's API: a bucket, and what its keys begin with.
public struct Bucket: Sendable, Equatable {
  /// The server.
  public var host: String
  public var port: Int
  /// As the header `host` names the server, for a bucket that is a part of the path.
  public var authority: String
  public var name: String
  /// What every key begins with, without slashes around it; empty: nothing.
  public var prefix: String
  /// What requests are signed for.
  public var region: String
  /// Whether the bucket's name is the path's first part, rather than that of the host's name.
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

  /// Whom a connection is made to.
  var server: String { isInPath ? host : "\(name).\(host)" }

  /// What the header `host` says.
  var hostHeader: String { isInPath ? authority : "\(name).\(authority)" }

  /// The path of an object, as it is sent and signed: each part of the key is escaped once.
  func path(of key: String) -> String {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    let escaped = parts.map { URIEncoding.encode($0.utf8) }.joined(separator: "/")
    return isInPath ? "/\(URIEncoding.encode(name.utf8))/\(escaped)" : "/\(escaped)"
  }
}

/// Who asks.
public struct Credentials: Sendable, Equatable {
  public var keyID: String
  public var secret: String
  /// Of temporary ones.
  public var sessionToken: String?

  public init(keyID: String, secret: String, sessionToken: String? = nil) {
    self.keyID = keyID
    self.secret = secret
    self.sessionToken = sessionToken
  }
}
