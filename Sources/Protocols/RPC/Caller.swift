import Names
import Timing

/// Who makes a call, as far as that was proved.
public struct Caller: Sendable, Equatable {
  public enum Proof: Sendable, Equatable {
    case none
    /// A certificate that the server's authorities signed, in the handshake of TLS.
    case certificate
    /// A signed token in the call's metadata.
    case token
  }

  public var proof: Proof
  /// The caller's names, each as good as another: the alternative names of its certificate, or its
  /// token's subject.
  public var names: [CallerName]
  /// When the proof ends, in seconds since 1970 by the wall clock; a call that is still open then
  /// ends with UNAUTHENTICATED. Infinite where nothing was proved.
  public var expires: Double

  public init(_ proof: Proof, names: [CallerName], expires: Double = .infinity) {
    self.proof = proof
    self.names = names
    self.expires = expires
  }

  public static let anonymous = Caller(.none, names: [])
}

extension Caller {
  /// The time until the proof expires by the wall clock, zero or negative once it has; nil: it
  /// never does.
  public var timeLeft: Duration? {
    guard expires < .infinity else { return nil }
    let now = Environment.live.now()
    let left = expires - Double(now.seconds) - Double(now.nanoseconds) / 1e9
    // A hundred years are for ever, and fit any clock.
    return .seconds(min(max(left, -3e9), 3e9))
  }
}

extension Caller: CustomStringConvertible {
  /// The first name, for logs.
  public var description: String {
    proof == .none ? "somebody" : names.first?.description ?? "somebody without a name"
  }
}

/// One name of a caller, of the kind that it was proved to be: a certificate's host name never
/// equals a token's subject, however alike they read.
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
  /// As a policy names it: `dns:web.shop`.
  public var description: String { "\(kind.rawValue):\(text)" }
}
