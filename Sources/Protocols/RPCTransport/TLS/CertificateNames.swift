import NIOSSL

extension NIOSSLCertificate {
  /// True if an alternative name matches the host: exactly, or with `*` for the whole first label
  /// (RFC 9525 section 6.3).
  func isFor(_ host: String) -> Bool {
    let host = comparable(Array(host.utf8))
    let parent = host.firstIndex(of: UInt8(ascii: ".")).map { host[$0...] }
    return _subjectAlternativeNames().contains { name in
      guard name.nameType == .dnsName else { return false }
      let name = comparable(Array(name.contents))
      if name.first == UInt8(ascii: "*") { return parent?.elementsEqual(name.dropFirst()) ?? false }
      return name == host
    }
  }
}

/// In lower case, without a trailing dot.
private func comparable(_ name: [UInt8]) -> [UInt8] {
  let lower = name.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
  return lower.last == UInt8(ascii: ".") ? lower.dropLast() : lower
}
