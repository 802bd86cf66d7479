#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file with descriptors of protobuf messages (a `google.protobuf.FileDescriptorSet`).
public struct DescriptorFile: Sendable {
  /// The size limit; a longer file is refused.
  public static let byteCountMax = 32 << 20

  public let path: String
  public let bytes: [UInt8]

  /// Reads the file at a path, or each descriptor set of a directory (`*.pb`, `*.binpb`,
  /// `*.protoset`, `*.desc`), sorted by name.
  ///
  /// Throws if a file cannot be read, or if a directory has none.
  public static func all(at path: String) throws(FileError) -> [DescriptorFile] {
    guard let directory = opendir(path) else {
      guard errno == ENOTDIR else { throw FileError(code: errno) }
      return [DescriptorFile(path: path, bytes: try readFile(path, byteCountMax: byteCountMax))]
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if endings.contains(where: { name.hasSuffix($0) }) { names.append(name) }
    }
    guard !names.isEmpty else {
      throw FileError("the directory has no \(endings.map { "*\($0)" }.joined(separator: ", "))")
    }
    var files: [DescriptorFile] = []
    for name in names.sorted() {
      let path = "\(path)/\(name)"
      files.append(
        DescriptorFile(path: path, bytes: try readFile(path, byteCountMax: byteCountMax)))
    }
    return files
  }

  private static let endings = [".pb", ".binpb", ".protoset", ".desc"]
}
