import EventModel
import Files
import SidecarConfiguration
import Sidecars

/// Finds the schemas of domains in files.
struct SchemaFiles {
  private let configuration: Configuration

  init(_ configuration: Configuration) { self.configuration = configuration }

  /// The schemas of all domains that rules may use, where files have them. Throws if a file cannot
  /// be read, or is not a schema.
  func schemas(
    for file: RuleFile, following followed: [Name]
  ) throws(ConfigurationError) -> [Name: DomainSchema] {
    let targets = file.rules.compactMap(\.target.domain.literal).map { Name($0) }
    let domains =
      followed + file.schemas.map(\.domain) + configuration.domains.compactMap(\.name) + targets
      + file.rules.compactMap(\.trigger.domain)
    let described = try descriptors()
    var known: [String: DomainSchema] = [:]
    var schemas: [Name: DomainSchema] = [:]
    for domain in distinct(domains) {
      guard let (path, source) = self.path(of: domain, for: file) else {
        schemas[domain] = described
        continue
      }
      if let schema = known[path] {
        schemas[domain] = schema
        continue
      }
      let schema = try schema(path, "schemas.\(domain)", source)
      (known[path], schemas[domain]) = (schema, schema)
    }
    return schemas
  }

  /// The file with a domain's schema, and the setting that names it.
  private func path(
    of domain: Name, for file: RuleFile
  ) -> (path: String, source: ConfigurationSource?)? {
    if let entry = file.schemas.first(where: { $0.domain == domain }) {
      return (entry.path, .file(path: file.path, line: entry.line))
    }
    return configuration.domains.first { $0.name == domain }?.schema.file.map { ($0, nil) }
  }

  /// The schema from `descriptors`, for domains without one of their own.
  private func descriptors() throws(ConfigurationError) -> DomainSchema? {
    guard let path = configuration.descriptors else { return nil }
    do {
      // Concatenated sets are one set: `file` is a repeated field.
      return try DomainSchema(DescriptorFile.all(at: path).flatMap(\.bytes))
    } catch { throw Self.failure("descriptors", nil, path, error) }
  }

  private func schema(
    _ path: String, _ key: String, _ source: ConfigurationSource?
  ) throws(ConfigurationError) -> DomainSchema {
    do { return try DomainSchema(readSmallFile(path)) } catch {
      throw Self.failure(key, source, path, error)
    }
  }

  private static func failure(
    _ key: String, _ source: ConfigurationSource?, _ path: String, _ error: any Error
  ) -> ConfigurationError {
    ConfigurationError(
      problems: [.init(key: key, source: source, message: "\(quoted(path)): \(error)")],
      isOfUnreadableFile: error is FileError)
  }
}
