import Glibc

/// The bytes of a configuration file, read and not understood yet.
public struct ConfigurationFile: Sendable {
  /// As errors name it.
  public let path: String
  public let bytes: [UInt8]

  /// The name of the file that is taken from the working directory where none is named.
  public static let defaultPath = "outrider.yaml"

  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  /// The file that the flag names, else the one that the environment names, else `outrider.yaml`
  /// if that is there. A file that was named must be readable.
  public static func find(
    flag: String?, environment: [String: String]
  ) throws(ConfigurationError) -> ConfigurationFile? {
    if let flag { return try read(flag, namedBy: .flag("--config")) }
    let variable = ConfigurationSources.fileVariable
    if let path = environment[variable] { return try read(path, namedBy: .variable(variable)) }
    guard access(defaultPath, F_OK) == 0 else { return nil }
    return try read(defaultPath, namedBy: nil)
  }

  /// Reads at most a little more than a file may have; the rest is refused when it is parsed.
  private static func read(
    _ path: String, namedBy source: ConfigurationSource?
  ) throws(ConfigurationError) -> ConfigurationFile {
    func failure() -> ConfigurationError {
      let reason = String(cString: strerror(errno))
      return ConfigurationError(
        problems: [
          .init(
            key: "config", source: source, message: "\(quoted(path)) cannot be read: \(reason)")
        ], isOfUnreadableFile: true)
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count <= YAMLReader.byteCountMax {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return ConfigurationFile(path: path, bytes: bytes)
  }
}
