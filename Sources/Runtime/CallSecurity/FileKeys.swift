import Files
import Logging
import RPC
import SidecarConfiguration
import Tokens

/// The token keys in a file that is reloaded when it changes.
struct FileKeys: TokenKeySupply {
  private let keys: FileBackedValue<[UInt8], TokenKeys>

  init(_ path: String, _ settings: Configuration.Tokens, _ logger: Logger) throws(SidecarError) {
    do {
      keys = try FileBackedValue(every: .seconds(10)) {
        try readSmallFile(path)
      } make: { bytes in
        try TokenKeys(bytes, settings)
      } failed: { failure in
        logger.warning("the old token keys stay: \(path): \(failure)")
      }
    } catch {
      throw SidecarError(file: "tokens.keys: \(path)", error)
    }
  }

  func current() -> TokenKeys { keys.current() }

  /// A token cannot speed up the reload of the file.
  func newer(than old: TokenKeys) async -> TokenKeys? { nil }
}
