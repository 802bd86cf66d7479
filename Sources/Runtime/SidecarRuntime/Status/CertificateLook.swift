import EventModel
import RPCTransport
import SidecarConfiguration
import Wire

extension Configuration.TLS {
  /// The certificate files, and when the first certificate in each expires.
  var certificateStatus: [OutriderV1.CertificateStatus] {
    let files = [
      ("certificate", certificate), ("client-authorities", clientAuthorities),
      ("peer-authorities", peerAuthorities),
    ]
    return files.compactMap { purpose, file in
      guard let file else { return nil }
      do {
        let expiry = Timestamp(seconds: try TLSFiles.firstExpiry(in: file))
        return .init(purpose: purpose, file: file, expiresAt: expiry)
      } catch {
        return .init(purpose: purpose, file: file, error: "\(error)")
      }
    }
  }
}
