import CCrypto

/// A token's signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
enum SignatureAlgorithm: Sendable, Equatable {
  case hmac(Hash)
  /// RSASSA-PKCS1-v1_5.
  case rsa(Hash)
  /// RSASSA-PSS.
  case rsaPSS(Hash)
  case ecdsa(Curve)
  case edDSA

  static let all: [Self] =
    Hash.allCases.map { .hmac($0) } + Hash.allCases.map { .rsa($0) }
    + Hash.allCases.map { .rsaPSS($0) } + Curve.allCases.map { .ecdsa($0) } + [.edDSA]

  /// The name in a token's header.
  var name: String {
    switch self {
    case .hmac(let hash): "HS\(hash.rawValue)"
    case .rsa(let hash): "RS\(hash.rawValue)"
    case .rsaPSS(let hash): "PS\(hash.rawValue)"
    case .ecdsa(let curve): "ES\(curve.hash.rawValue)"
    case .edDSA: "EdDSA"
    }
  }

  /// Nil if the name is unknown; `none` is not supported.
  init?(name: String) {
    guard let algorithm = Self.all.first(where: { $0.name == name }) else { return nil }
    self = algorithm
  }

  /// Nil if the algorithm includes its hash.
  var hash: Hash? {
    switch self {
    case .hmac(let hash), .rsa(let hash), .rsaPSS(let hash): hash
    case .ecdsa(let curve): curve.hash
    case .edDSA: nil
    }
  }
}

/// A hash of the SHA-2 family (FIPS 180-4), by its bits.
enum Hash: Int, Sendable, CaseIterable {
  case sha256 = 256
  case sha384 = 384
  case sha512 = 512

  var byteCount: Int { rawValue / 8 }

  /// A static object of libcrypto.
  var function: OpaquePointer? {
    switch self {
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    case .sha512: EVP_sha512()
    }
  }
}

/// A NIST curve, by its name in a key (RFC 7518 section 6.2.1.1). Each has its hash.
enum Curve: String, Sendable, CaseIterable {
  case p256 = "P-256"
  case p384 = "P-384"
  case p521 = "P-521"

  var hash: Hash {
    switch self {
    case .p256: .sha256
    case .p384: .sha384
    case .p521: .sha512
    }
  }

  /// The size of one coordinate, and of one half of a signature.
  var byteCount: Int {
    switch self {
    case .p256: 32
    case .p384: 48
    case .p521: 66
    }
  }

  /// libcrypto's name of the curve.
  var groupName: String {
    switch self {
    case .p256: "prime256v1"
    case .p384: "secp384r1"
    case .p521: "secp521r1"
    }
  }
}
