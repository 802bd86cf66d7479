import NIOCore
import NIOSSL
import Names
import RPC

extension Caller {
  /// Whom the certificate of a secured connection names, once its handshake is done; anonymous
  /// where there is none.
  package init(ofConnection context: ChannelHandlerContext) {
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
    self = handler?.peerCertificate.map { Caller($0) } ?? .anonymous
  }

  /// Whom a certificate names, for as long as it is valid: by its alternative names that are URIs,
  /// hosts or mail addresses, URIs first (RFC 5280 section 4.2.1.6). The common name counts for
  /// nothing, as RFC 9525 has it, and neither does a name that is no text.
  init(_ certificate: NIOSSLCertificate) {
    let all = certificate._subjectAlternativeNames()
    let kinds: [(CallerName.Kind, _SubjectAlternativeName.NameType)] = [
      (.uri, .uri), (.dns, .dnsName), (.email, .email),
    ]
    let names = kinds.flatMap { kind, type in
      all.filter { $0.nameType == type }.compactMap { name in
        String(validating: Array(name.contents), as: UTF8.self).map { CallerName(kind, Name($0)) }
      }
    }
    self.init(.certificate, names: names, expires: Double(certificate.notValidAfter))
  }
}
