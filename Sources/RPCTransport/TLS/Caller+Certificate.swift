import NIOSSL
import Names
import RPC

extension Caller {
  /// Whom a certificate names: its alternative names that are URIs, hosts or mail addresses, URIs first
  /// (RFC 5280 section 4.2.1.6). The common name counts for nothing, as RFC 9525 has it.
  init(_ certificate: NIOSSLCertificate) {
    let all = certificate._subjectAlternativeNames()
    let names = [_SubjectAlternativeName.NameType.uri, .dnsName, .email].flatMap { type in
      all.filter { $0.nameType == type }.map { name in
        name.contents.withUnsafeBufferPointer { Name(String(decoding: $0, as: UTF8.self)) }
      }
    }
    self.init(.certificate, names: names, expires: Double(certificate.notValidAfter))
  }
}
