import Encodings
import EventModel
import Files
import LibCrypto
import Logging
import RPC
import SidecarConfiguration

/// The API keys of Eventuate's clients, from a file that is reloaded when it changes.
package struct APIKeys: Sendable {
  private let keys: FileBackedValue<[UInt8], APIKeyTable>

  package init(_ path: String, _ logger: Logger) throws(SidecarError) {
    do {
      keys = try FileBackedValue(every: .seconds(10)) {
        try readSmallFile(path)
      } make: { bytes in
        try APIKeyTable(bytes)
      } failed: { failure in
        logger.warning("the old API keys stay: \(path): \(failure)")
      }
    } catch {
      throw SidecarError(file: "eventuate.api-keys: \(path)", error)
    }
  }

  /// The caller of a key; nil if the key is unknown or the secret is wrong.
  package func caller(of id: String, secret: String) -> Caller? {
    keys.current().caller(of: id, secret: secret)
  }
}

/// API keys, one a line: `ID: SECRET, CALLER`. Instead of the secret, `sha256:` and its SHA-256 in
/// hexadecimal digits. `policy` names the caller as it names a token's; the default is the id.
/// Empty lines and lines that begin with `#` are ignored.
package struct APIKeyTable: Sendable {
  private struct Key {
    /// Digest of the secret.
    let digest: [UInt8]
    let caller: Name
  }

  private var keys: [Name: Key] = [:]

  package init(_ bytes: [UInt8]) throws(APIKeyError) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw APIKeyError(line: 1, "the file is not UTF-8")
    }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() {
      let line = Self.trimmed(line)
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      try add(line, index + 1)
    }
  }

  /// Compares digests in constant time. An unknown id takes as long as a known one.
  package func caller(of id: String, secret: String) -> Caller? {
    let key = keys[Name(id)]
    let digest = LibCrypto.sha256(Array(secret.utf8))
    let difference = zip(digest, key?.digest ?? [UInt8](repeating: 0, count: digest.count))
      .reduce(UInt8(0)) { $0 | $1.0 ^ $1.1 }
    guard let key, difference == 0 else { return nil }
    return Caller(.token, names: [CallerName(.token, key.caller)])
  }

  private mutating func add(_ line: Substring, _ number: Int) throws(APIKeyError) {
    guard let colon = line.firstIndex(of: ":") else {
      throw APIKeyError(line: number, "a key is written as ID: SECRET, CALLER")
    }
    let id = Self.trimmed(line[..<colon])
    let rest = Self.trimmed(line[line.index(after: colon)...])
    let comma = rest.lastIndex(of: ",")
    let secret = Self.trimmed(rest[..<(comma ?? rest.endIndex)])
    let caller = comma.map { Self.trimmed(rest[rest.index(after: $0)...]) } ?? id
    guard !id.isEmpty, !secret.isEmpty, !caller.isEmpty else {
      throw APIKeyError(line: number, "id, secret and caller must not be empty")
    }
    let key = Key(digest: try Self.digest(secret, number), caller: Name(String(caller)))
    guard keys.updateValue(key, forKey: Name(String(id))) == nil else {
      throw APIKeyError(line: number, "duplicate id \(id)")
    }
  }

  private static func digest(_ secret: Substring, _ line: Int) throws(APIKeyError) -> [UInt8] {
    let prefix = "sha256:"
    guard secret.hasPrefix(prefix) else { return LibCrypto.sha256(Array(secret.utf8)) }
    let digits = secret.dropFirst(prefix.count).utf8
    guard digits.count == 64, let digest = Hexadecimal.decode(digits) else {
      throw APIKeyError(line: line, "\(prefix) must be followed by 64 hexadecimal digits")
    }
    return digest
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return text
  }
}

/// An error in a file of API keys. The message shows no secret.
package struct APIKeyError: Error, CustomStringConvertible {
  package let description: String

  init(line: Int, _ message: String) { description = "line \(line): \(message)" }
}
