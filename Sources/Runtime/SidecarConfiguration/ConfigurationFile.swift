import Glibc

/// The unparsed text of a configuration.
public struct ConfigurationFile: Sendable {
  public let location: ConfigurationLocation
  public let bytes: [UInt8]

  /// The default file, in the working directory.
  public static let defaultPath = "outrider.yaml"
  /// The size limit; a longer text is refused.
  package static let byteCountMax = YAMLReader.byteCountMax

  public init(at location: ConfigurationLocation, bytes: [UInt8]) {
    self.location = location
    self.bytes = bytes
  }

  public init(path: String, bytes: [UInt8]) {
    self.init(at: .file(path), bytes: bytes)
  }

  /// The path, for errors.
  var path: String { location.description }

  /// Stops reading soon after the limit; parsing refuses a longer text.
  package static func read(
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
    while bytes.count <= byteCountMax {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return ConfigurationFile(path: path, bytes: bytes)
  }
}
