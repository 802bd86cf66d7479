import EventModel
import SagaRules
import SidecarConfiguration
import Sidecars

extension Configuration {
  /// The rules of each saga that has a file of them, by the saga's name. Throws all errors in
  /// them.
  func sagaRules(
    versions: @escaping DomainPayloads.Versions
  ) throws(ConfigurationError) -> [Name: RuleSet] {
    var rules: [Name: RuleSet] = [:]
    var failure: ConfigurationError?
    for saga in sagas {
      guard let path = saga.rules else { continue }
      do throws(ConfigurationError) {
        rules[saga.name] = try RuleSet(path: path, of: saga, in: self, versions: versions)
      } catch {
        failure = ConfigurationError(
          problems: (failure?.problems ?? []) + error.problems,
          isOfUnreadableFile: error.isOfUnreadableFile)
      }
    }
    if let failure { throw failure }
    return rules
  }

  /// Reads the rules of all sagas, and the schemas they use. Throws all errors in them.
  public func checkSagaRules() throws(ConfigurationError) {
    _ = try sagaRules { _, _ in nil }
  }
}
