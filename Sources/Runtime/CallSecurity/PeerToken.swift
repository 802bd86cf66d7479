import Files
import Logging
import RPC
import SidecarConfiguration

/// Adds the bearer token of this process to calls to other sidecars (RFC 6750 section 2.1).
///
/// Tokens are renewed in place, so the file is reread periodically, and after a call was refused
/// as UNAUTHENTICATED. While it has no token, the last one is sent.
package final class PeerToken: ClientInterceptor {
  /// The header's value.
  private let authorization: FileBackedValue<[UInt8], String>

  init(_ path: String, _ logger: Logger) throws(SidecarError) {
    do {
      authorization = try FileBackedValue(every: .seconds(10)) {
        try readSmallFile(path)
      } make: { bytes in
        try Self.authorization(bytes)
      } failed: { failure in
        logger.warning("the old token stays: \(path): \(failure)")
      }
    } catch {
      throw SidecarError(file: "tokens.peer-file: \(path)", error)
    }
  }

  package func begin(
    _ method: Method, _ options: inout CallOptions
  ) async throws(RPCStatus) -> (@Sendable (RPCStatus) -> Void)? {
    options.metadata.append("authorization", authorization.current())
    return { [authorization] status in
      if status.code == .unauthenticated { authorization.expire() }
    }
  }

  private static func authorization(_ bytes: [UInt8]) throws(SidecarError) -> String {
    let words = bytes.split { $0 <= UInt8(ascii: " ") }
    guard words.count == 1, words[0].allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw SidecarError("it must hold one token and nothing else")
    }
    return "Bearer \(String(decoding: words[0], as: UTF8.self))"
  }
}
