import Files
import NIOSSL

/// The content of `TLSFiles`.
struct TLSContent: Equatable {
  private let certificate: [UInt8]?
  private let key: [UInt8]?
  private let authorities: [UInt8]?

  init(_ files: TLSFiles) throws {
    func read(_ path: String?) throws -> [UInt8]? { try path.map { try readSmallFile($0) } }
    certificate = try read(files.certificate)
    key = try read(files.key)
    authorities = try read(files.authorities)
  }

  func chain() throws -> [NIOSSLCertificateSource] {
    try certificate.map { try NIOSSLCertificate.fromPEMBytes($0).map { .certificate($0) } } ?? []
  }

  func privateKey() throws -> NIOSSLPrivateKeySource? {
    try key.map { .privateKey(try NIOSSLPrivateKey(bytes: $0, format: .pem)) }
  }

  func trustRoots() throws -> NIOSSLTrustRoots? {
    try authorities.map { .certificates(try NIOSSLCertificate.fromPEMBytes($0)) }
  }
}

extension TLSFiles {
  /// When the first certificate in a file expires, in seconds since 1970. Throws if the file
  /// cannot be read or has no certificate.
  public static func firstExpiry(in file: String) throws -> Int64 {
    let certificates = try NIOSSLCertificate.fromPEMBytes(try readSmallFile(file))
    guard let first = certificates.map(\.notValidAfter).min() else {
      throw TransportError(.badCertificate, "\(file) holds no certificate")
    }
    return Int64(first)
  }
}
