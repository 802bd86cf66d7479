import Encodings
import EventModel
import EventSourcing
import Glibc

/// The directory of the domains' files; maps a domain's name to its file's name.
struct DataDirectory {
  private static let suffix = ".db"

  let path: String

  /// Creates the directory and its parents if they do not exist. Only this user has access to a
  /// new one.
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

  /// The path of the domain's file, which may not exist yet.
  func path(of domain: Name) -> String { "\(path)/\(Self.stem(of: domain))\(Self.suffix)" }

  /// The file of signs of life of lease holders.
  var holdersPath: String { "\(path)/holders" }

  /// Whether the domain has a file.
  func has(_ domain: Name) -> Bool { access(path(of: domain), F_OK) == 0 }

  /// The domains that have a file, sorted. Ignores files that no domain can have, and those that
  /// do not contain their domain's name. The error goes to callers, so it names no path.
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

  /// Bytes of the file system that this user may still write, and its size.
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
    let stem = String(name.text.dropLast(Self.suffix.count))
    let domain =
      stem.utf8.contains(UInt8(ascii: "~"))
      ? try? Schema.domain(inFile: "\(path)/\(name)")
      : URIEncoding.decode(stem[...]).map { Name($0) }
    return domain.flatMap { Self.stem(of: $0).utf8.elementsEqual(stem.utf8) ? $0 : nil }
  }

  /// The file's name without its suffix. Only the file itself has the whole name of a domain whose
  /// name is cut.
  private static func stem(of domain: Name) -> String {
    domain.stored(as: encoded(domain), byteCountMax: Limits.fileNameBytes)
  }

  /// Percent-encodes all bytes except letters, digits, `-`, `_` and an inner `.`.
  private static func encoded(_ domain: Name) -> String {
    let encoded = URIEncoding.encode(domain.utf8, plain: "-_.")
    return encoded.hasPrefix(".") ? "%2E\(encoded.dropFirst())" : encoded
  }
}
