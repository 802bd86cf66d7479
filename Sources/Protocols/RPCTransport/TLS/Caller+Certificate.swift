import NIOCore
import NIOSSL
import Names
import RPC

extension Caller {
  /// The caller named by the certificate of a secured connection, once its handshake is done;
  /// anonymous without one.
  package init(ofConnection context: ChannelHandlerContext) {
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
    self = handler?.peerCertificate.map { Caller($0) } ?? .anonymous
  }

  /// The caller named by a certificate while it is valid: its alternative names that are URIs,
  /// hosts or mail addresses, URIs first (RFC 5280 section 4.2.1.6). Ignores the common name, as
  /// RFC 9525 demands, and names that are not text.
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
