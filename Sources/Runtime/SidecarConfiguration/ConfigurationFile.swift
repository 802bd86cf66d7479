import Glibc

/// The text of a configuration, read and not understood yet.
public struct ConfigurationFile: Sendable {
  public let location: ConfigurationLocation
  public let bytes: [UInt8]

  /// The name of the file that is taken from the working directory where none is named.
  public static let defaultPath = "outrider.yaml"
  /// A longer text is refused.
  package static let byteCountMax = YAMLReader.byteCountMax

  public init(at location: ConfigurationLocation, bytes: [UInt8]) {
    self.location = location
    self.bytes = bytes
  }

  public init(path: String, bytes: [UInt8]) {
    self.init(at: .file(path), bytes: bytes)
  }

  /// As errors name it.
  var path: String { location.description }

  /// Reads at most a little more than a file may have; the rest is refused when it is parsed.
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
