import EventModel
import SidecarConfiguration
import Sidecars
import Wire

/// The rules of one saga, checked against the schemas of the domains they name.
public struct RuleSet: Sendable {
  /// The path of the file, for messages.
  let path: String
  let rules: [Rule.Key: [Rule]]
  /// The payloads of each domain that the rules may use.
  let payloads: [Name: DomainPayloads]

  /// - Parameters:
  ///   - bytes: the content of the file.
  ///   - followed: the domains whose events the saga takes; empty: each that has a schema.
  ///   - versions: finds other versions of a domain's schema, to read payloads written by them.
  ///   - schemas: finds the schemas of all domains that the file may use.
  /// - Throws: all errors, each with its line.
  init(
    _ bytes: [UInt8], at path: String, following followed: [Name],
    versions: @escaping DomainPayloads.Versions,
    schemas: (RuleFile) throws(ConfigurationError) -> [Name: DomainSchema]
  ) throws(ConfigurationError) {
    var reader = RuleFileReader(path: path)
    reader.read(bytes)
    guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    let found = try schemas(reader.file)
    let check = RuleCheck(
      reader.file, following: followed.isEmpty ? found.keys.sorted() : followed, schemas: found)
    guard check.problems.isEmpty else { throw ConfigurationError(problems: check.problems) }
    self.path = path
    rules = check.rules
    var payloads: [Name: DomainPayloads] = [:]
    for (domain, schema) in found {
      do throws(PayloadFlaw) {
        payloads[domain] = try DomainPayloads(of: domain, by: schema, versions: versions)
      } catch {
        throw ConfigurationError(
          problems: [.init(key: "schemas.\(domain)", source: nil, message: error.description)])
      }
    }
    self.payloads = payloads
  }

  /// The rules for a payload; nil if its type has none.
  func rules(
    for payload: Payload, of domain: Name, end: Trigger.End?
  ) -> (key: Rule.Key, rules: [Rule], payloads: DomainPayloads)? {
    guard let payloads = payloads[domain], let type = payloads.type(of: payload) else { return nil }
    let key = Rule.Key(domain: domain, type: type, end: end)
    return rules[key].map { (key, $0, payloads) }
  }
}
