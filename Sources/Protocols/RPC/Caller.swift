import Names
import Timing

/// The caller of a call, as far as proven.
public struct Caller: Sendable, Equatable {
  public enum Proof: Sendable, Equatable {
    case none
    /// A certificate signed by the server's authorities, in the TLS handshake.
    case certificate
    /// A signed token in the call's metadata.
    case token
  }

  public var proof: Proof
  /// The caller's equivalent names: the alternative names of its certificate, or its token's
  /// subject.
  public var names: [CallerName]
  /// When the proof expires, in seconds since 1970 by the wall clock; a call still open then ends
  /// with UNAUTHENTICATED. Infinite if nothing was proven.
  public var expires: Double

  public init(_ proof: Proof, names: [CallerName], expires: Double = .infinity) {
    self.proof = proof
    self.names = names
    self.expires = expires
  }

  public static let anonymous = Caller(.none, names: [])
}

extension Caller {
  /// The time until the proof expires by the wall clock, not positive once it has; nil: it never
  /// expires.
  public var timeLeft: Duration? {
    guard expires < .infinity else { return nil }
    let now = Environment.live.now()
    let left = expires - Double(now.seconds) - Double(now.nanoseconds) / 1e9
    // Clamped to about a hundred years, which fits any clock.
    return .seconds(min(max(left, -3e9), 3e9))
  }
}

extension Caller: CustomStringConvertible {
  /// The first name, for logs.
  public var description: String {
    proof == .none ? "somebody" : names.first?.description ?? "somebody without a name"
  }
}

/// A name of a caller with its kind: a certificate's host name never equals a token's subject,
/// even if both read the same.
public struct CallerName: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Alternative names of certificates (RFC 5280 section 4.2.1.6).
    case uri, dns, email
    /// The subject of a token (RFC 7519 section 4.1.2).
    case token
  }

  public let kind: Kind
  public let text: Name

  public init(_ kind: Kind, _ text: Name) {
    self.kind = kind
    self.text = text
  }
}

extension CallerName: CustomStringConvertible {
  /// As in a policy: `dns:web.shop`.
  public var description: String { "\(kind.rawValue):\(text)" }
}
