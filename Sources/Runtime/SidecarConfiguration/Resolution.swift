import EventModel

/// Layers the sources of a configuration, and tracks the origin of each value.
struct Resolution {
  private(set) var configuration = Configuration()
  var problems: [ConfigurationError.Problem] = []
  /// Origins by the names of `place(of:)`; a missing one means the default.
  private(set) var origins: [String: ConfigurationSource] = [:]
  /// True if the file lists domains; false if it configures one.
  private(set) var listsDomains = false

  /// An invalid variable leaves the default.
  mutating func read(_ variables: OpenTelemetryVariables) {
    var variables = variables
    configuration.traces.headers = variables.headers
    configuration.traces.resource = variables.resource
    for (key, variable, text) in variables.settings {
      guard let setting = Setting.process.first(where: { $0.key == key }) else {
        preconditionFailure("\(key) is a setting")
      }
      if setting.assign([text], &configuration) {
        origins[key] = .variable(variable)
      } else {
        variables.warn(
          variable,
          "is left out: \(quoted(withoutSecrets(text))) is refused; allowed: \(setting.allowed)")
      }
    }
    configuration.unheeded = variables.warnings
  }

  mutating func read(_ file: ConfigurationFile) {
    var reader = ConfigurationFileReader(path: file.path)
    reader.read(file.bytes, into: &configuration)
    problems += reader.problems
    origins.merge(reader.origins) { $1 }
    listsDomains = reader.listsDomains
  }

  /// Sets one value from flags or environment.
  mutating func set(
    _ setting: Setting<Configuration>, to texts: [String], at source: ConfigurationSource
  ) {
    func problem(_ message: String) {
      problems.append(.init(key: setting.key, source: source, message: message))
    }
    let domains = configuration.domains
    if setting.key == "domain", let name = texts.first, domains.contains(where: { $0.name != nil })
    {
      if let message = select(name) { problem(message) }
      return
    }
    if setting.scope != .process, domains.count != 1 {
      return problem("there are \(domains.count) domains; set it for each of them in the file")
    }
    if setting.scope == .projector, domains[0].projectors.count != 1 {
      let count = domains[0].projectors.count
      return problem("the domain has \(count) projectors; set it for each of them in the file")
    }
    guard setting.assign(texts, &configuration) else {
      return problems.append(.badValue(texts, of: setting, at: source))
    }
    origins[place(of: setting)] = source
  }

  /// Keeps only the named domain of those that the file lists.
  private mutating func select(_ name: String) -> String? {
    guard let index = configuration.domains.firstIndex(where: { $0.name == Name(name) }) else {
      let names = configuration.domains.compactMap(\.name?.text).joined(separator: ", ")
      return "\(quoted(name)) is not in the file; allowed: \(names)"
    }
    configuration.domains = [configuration.domains[index]]
    let place = "domains[\(index)]."
    let kept = origins.filter { $0.key.hasPrefix(place) }
    origins = origins.filter { !$0.key.hasPrefix("domains[") }
    for (key, source) in kept { origins["domains[0].\(key.dropFirst(place.count))"] = source }
    return nil
  }

  /// Reports errors between values that are each valid.
  mutating func findContradictions() {
    problems += configuration.contradictions().map { problem in
      var located = problem
      located.source = origin(of: problem.key)
      return located
    }
  }

  /// The origin of a setting, a list, or a section's settings; nil: none is set.
  private func origin(of key: String) -> ConfigurationSource? {
    if let origin = origins[key] { return origin }
    let near = origins.keys.filter { name in
      name.hasPrefix("\(key).") || name.hasSuffix(".\(key)")
        || key.hasPrefix("projector.") && name.hasSuffix(".\(key.dropFirst("projector.".count))")
    }
    // Of two equal ones, the second is the duplicate.
    return near.sorted().last.flatMap { origins[$0] }
  }

  // MARK: Results

  /// The setting's name in the file: within a list if domains are listed.
  private func place(of setting: Setting<Configuration>) -> String {
    guard listsDomains else { return setting.key }
    return switch setting.scope {
    case .process: setting.key
    case .domain: "domains[0].\(setting.key == "domain" ? "name" : setting.key)"
    case .projector: "domains[0].projectors[0].\(setting.key.dropFirst("projector.".count))"
    }
  }

  var effectiveSettings: [EffectiveSetting] {
    configuration.values(listingDomains: listsDomains).map { name, value in
      EffectiveSetting(key: name, value: value, source: origins[name])
    }
  }
}

extension Configuration {
  /// Every setting by its name in the file, with its value as written, but without passwords; in
  /// the order of the tables.
  ///
  /// - Parameter listingDomains: true if the file lists domains.
  func values(listingDomains: Bool) -> [(name: String, value: String)] {
    var values = rows(of: self, Setting.process) { $0 }
    for (index, domain) in domains.enumerated() {
      let place = "domains[\(index)]."
      values += rows(of: domain, Setting.ofEachDomain) { key in
        listingDomains ? "\(place)\(key)" : key == "name" ? "domain" : key
      }
      for (index, projector) in domain.projectors.enumerated() {
        values += rows(of: projector, Setting.ofEachProjector) { key in
          listingDomains ? "\(place)projectors[\(index)].\(key)" : "projector.\(key)"
        }
      }
    }
    for (index, saga) in sagas.enumerated() {
      values += rows(of: saga, Setting.ofEachSaga) { "sagas[\(index)].\($0)" }
    }
    for (index, route) in routes.enumerated() {
      values += rows(of: route, Setting.ofEachRoute) { "routes[\(index)].\($0)" }
    }
    for (index, rule) in policy.enumerated() {
      values += rows(of: rule, Setting.ofEachRule) { "policy[\(index)].\($0)" }
    }
    return values
  }

  private func rows<Owner>(
    of owner: Owner, _ table: [Setting<Owner>], _ name: (String) -> String
  ) -> [(name: String, value: String)] {
    table.map { (name($0.key), $0.read(owner)) }
  }
}

/// The effective value of a setting.
public struct EffectiveSetting: Sendable, Equatable {
  /// Its name in the file: `limit.cache-size`, or `domains[0].logic.address`.
  public let key: String
  /// As written in the file, without passwords; empty for none.
  public let value: String
  /// Nil: the default.
  public let source: ConfigurationSource?
}

extension ConfigurationSource: CustomStringConvertible {
  public var description: String {
    switch self {
    case .flag(let flag): "flag \(flag)"
    case .variable(let variable): "environment variable \(variable)"
    case .file(let path, let line): "\(path):\(line)"
    case .command: "after --"
    }
  }
}
