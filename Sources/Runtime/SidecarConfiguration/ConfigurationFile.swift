import Files

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
    do throws(FileError) {
      return ConfigurationFile(path: path, bytes: try readFile(path, stoppingAfter: byteCountMax))
    } catch {
      throw ConfigurationError(
        problems: [
          .init(key: "config", source: source, message: "\(quoted(path)) cannot be read: \(error)")
        ], isOfUnreadableFile: true)
    }
  }
}
