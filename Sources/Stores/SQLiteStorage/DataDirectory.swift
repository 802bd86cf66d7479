import EventModel
import EventSourcing
import Glibc
import LibCrypto

/// The directory that holds the domains' files, and how a domain's name becomes a file's.
struct DataDirectory {
  private static let suffix = ".db"

  let path: String

  /// Creates it, with the directories above it, where it is missing. A new one is for this user
  /// alone.
  init(_ path: String) throws(StorageError) {
    self.path = path
    try Self.create(path, mode: 0o700)
    if access(path, W_OK | X_OK) != 0 {
      throw Self.failure(
        "\(path) cannot be written", "Give this user the right to, or name another")
    }
  }

  private static func create(_ path: String, mode: mode_t) throws(StorageError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw StorageError(
        .unavailable, "\(path) is a file. Name a directory in which to keep the domains.")
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try create(String(path[..<slash]), mode: 0o777)
    }
    if mkdir(path, mode) != 0, errno != EEXIST {
      throw failure("the directory \(path) cannot be created", "Create it, or name another")
    }
  }

  private static func failure(_ what: String, _ advice: String) -> StorageError {
    StorageError(.unavailable, "\(what): \(String(cString: strerror(errno))). \(advice).")
  }

  // MARK: Files

  /// Where the domain's file is, or will be.
  func path(of domain: Name) -> String { "\(path)/\(Self.stem(of: domain))\(Self.suffix)" }

  /// Where holders of leases show that they are there.
  var holdersPath: String { "\(path)/holders" }

  /// Whether the domain has a file.
  func has(_ domain: Name) -> Bool { access(path(of: domain), F_OK) == 0 }

  /// The domains that have a file, in alphabetical order. A file that no domain of ours can have,
  /// or that does not tell its name, is left out. Callers hear of a failure: it names no path.
  func domains() throws(StorageError) -> [Name] {
    guard let stream = opendir(path) else {
      throw Self.failure(
        "the data directory cannot be read", "See that it is there and may be read")
    }
    defer { closedir(stream) }
    var domains: [Name] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 256) { Name(String(cString: $0)) }
      }
      if let domain = domain(inFile: name) { domains.append(domain) }
    }
    return domains.sorted()
  }

  /// The bytes of its file system that this user may still write, and all of them.
  func space() throws(StorageError) -> (free: UInt64, total: UInt64) {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else {
      throw Self.failure(
        "the data directory cannot be read", "See that it is there and may be read")
    }
    let unit = UInt64(status.f_frsize)
    return (UInt64(status.f_bavail) * unit, UInt64(status.f_blocks) * unit)
  }

  private func domain(inFile name: Name) -> Name? {
    guard name.text.hasSuffix(Self.suffix) else { return nil }
    let stem = Name(String(name.text.dropLast(Self.suffix.count)))
    let domain =
      stem.utf8.contains(UInt8(ascii: "~"))
      ? try? Schema.domain(inFile: "\(path)/\(name)") : Self.decoded(stem)
    return domain.flatMap { Self.stem(of: $0) == stem ? $0 : nil }
  }

  /// The file's name without its suffix. A longer one than a file can have ends in `~`, which no
  /// encoded name holds, and the domain's digest; its name then stands in the file alone.
  private static func stem(of domain: Name) -> Name {
    let encoded = encoded(domain)
    if encoded.utf8.count <= Limits.fileNameBytes { return encoded }
    let digest = "~" + LibCrypto.hexSHA256(Array(domain.utf8))
    return "\(encoded.text.prefix(Limits.fileNameBytes - digest.utf8.count))\(digest)"
  }

  /// All bytes but letters, digits, `-`, `_` and an inner `.` are written as in a URL.
  private static func encoded(_ domain: Name) -> Name {
    var encoded = ""
    for (index, byte) in domain.utf8.enumerated() {
      let character = Character(UnicodeScalar(byte))
      let isPlain =
        character.isASCII && (character.isLetter || character.isNumber)
        || character == "-" || character == "_" || character == "." && index > 0
      let digits = String(byte, radix: 16, uppercase: true)
      encoded += isPlain ? String(character) : byte < 16 ? "%0\(digits)" : "%\(digits)"
    }
    return Name(encoded)
  }

  private static func decoded(_ name: Name) -> Name {
    var bytes: [UInt8] = []
    var rest = name.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"),
        let digits = String(rest.prefix(2)), let decoded = UInt8(digits, radix: 16)
      {
        rest = rest.dropFirst(2)
        bytes.append(decoded)
      } else {
        bytes.append(byte)
      }
    }
    return Name(String(decoding: bytes, as: UTF8.self))
  }
}
