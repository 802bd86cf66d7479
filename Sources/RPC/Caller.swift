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

  public init(_ proof: Proof, names: [Name]) {
    self.proof = proof
    self.names = names
  }

  public static let anonymous = Caller(.none, names: [])
}

extension Caller: CustomStringConvertible {
  /// The first name, for logs.
  public var description: String {
    proof == .none ? "somebody" : names.first?.text ?? "somebody without a name"
  }
}
