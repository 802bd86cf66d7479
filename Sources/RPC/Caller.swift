#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Names

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
  /// The caller's names, of which each is as good as another: the alternative names of its certificate, or
  /// its token's subject.
  public var names: [Name]
  /// When the proof expires, in seconds since 1970; nil: never. Streams end then.
  public var expires: Double?

  public init(_ proof: Proof, names: [Name], expires: Double? = nil) {
    self.proof = proof
    self.names = names
    self.expires = expires
  }

  public static let anonymous = Caller(.none, names: [])
}

extension Caller {
  /// The time until the proof expires by the wall clock, zero or negative once it has; nil: it never does.
  public var timeLeft: Duration? {
    expires.map { expires in
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      let left = expires - Double(now.tv_sec) - Double(now.tv_nsec) / 1e9
      // A hundred years are for ever, and fit any clock.
      return .seconds(min(max(left, -3e9), 3e9))
    }
  }
}

extension Caller: CustomStringConvertible {
  /// The first name, for logs.
  public var description: String {
    proof == .none ? "somebody" : names.first?.text ?? "somebody without a name"
  }
}
