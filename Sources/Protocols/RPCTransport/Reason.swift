import NIOCore
import NIOPosix
import NIOSSL

/// Why a socket failed, in the system's words, for a status or a terminal.
package func reason(_ error: any Error) -> String {
  switch error {
  case let error as IOError: systemReason(error.errnoCode)
  case let error as NIOConnectionError: reason(error)
  case ChannelError.connectTimeout: "nobody answered in time"
  case ChannelError.ioOnClosedChannel, ChannelError.eof, ChannelError.inputClosed:
    "the connection was closed"
  case NIOSSLError.handshakeFailed(let cause): "the TLS handshake failed\(tlsReason(cause))"
  case NIOSSLError.uncleanShutdown: "the peer ended TLS without closing it"
  case NIOSSLError.failedToLoadCertificate: "there is no certificate in PEM form in it"
  case NIOSSLError.failedToLoadPrivateKey: "there is no private key in PEM form in it"
  case is BoringSSLError: "TLS refuses it\(tlsReason(error))"
  default: "\(error)"
  }
}

/// The distinct failures of all addresses.
private func reason(_ error: NIOConnectionError) -> String {
  var reasons: [String] = []
  for failure in error.connectionErrors {
    let reason = reason(failure.error)
    if !reasons.contains(reason) { reasons.append(reason) }
  }
  return reasons.isEmpty
    ? "the name \(error.host) is not known" : reasons.joined(separator: "; ")
}

private func systemReason(_ code: CInt) -> String { String(cString: strerror(code)) }

/// BoringSSL's name of the reason, such as CERTIFICATE_VERIFY_FAILED; empty if there is none.
private func tlsReason(_ error: any Error) -> String {
  let text = "\(error)"
  guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return "" }
  let name = text[mark.upperBound...].prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
  return name.isEmpty ? "" : " (\(name))"
}
