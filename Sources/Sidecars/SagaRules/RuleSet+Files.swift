import Files
import SidecarConfiguration
import Sidecars

extension RuleSet {
  /// Reads and checks a saga's rules, and the schema files that they use.
  ///
  /// - Parameters:
  ///   - path: the file of rules.
  ///   - versions: finds other versions of a domain's schema, to read payloads written by them.
  /// - Throws: all errors, each with its line.
  public init(
    path: String, of saga: SagaConfiguration, in configuration: Configuration,
    versions: @escaping DomainPayloads.Versions
  ) throws(ConfigurationError) {
    let bytes: [UInt8]
    do { bytes = try readSmallFile(path) } catch {
      throw ConfigurationError(
        problems: [
          .init(key: "rules", source: nil, message: "\(quoted(path)) cannot be read: \(error)")
        ], isOfUnreadableFile: true)
    }
    try self.init(bytes, at: path, following: saga.domains, versions: versions) {
      file throws(ConfigurationError) in
      try SchemaFiles(configuration).schemas(for: file, following: saga.domains)
    }
  }
}
