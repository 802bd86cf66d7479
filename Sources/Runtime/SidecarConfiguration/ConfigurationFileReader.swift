/// Parses the settings of `outrider.yaml`, and reports errors with their lines.
struct ConfigurationFileReader {
  let path: String
  private(set) var problems: [ConfigurationError.Problem] = []
  /// The place of each value, by the setting's name in messages.
  private(set) var origins: [String: ConfigurationSource] = [:]
  /// True if the file lists domains; false if it configures one.
  private(set) var listsDomains = false

  init(path: String) { self.path = path }

  mutating func read(_ bytes: [UInt8], into configuration: inout Configuration) {
    do throws(YAMLError) {
      guard let root = try YAMLReader.read(bytes) else { return }
      read(root, into: &configuration)
    } catch {
      report("config", line: error.line, error.message)
    }
  }

  /// Reads the whole file: a list of domains, or the settings of one.
  private mutating func read(_ root: YAMLNode, into configuration: inout Configuration) {
    guard var entries = section(root, "config") else { return }
    for entry in entries where entry.key == "policy" {
      origins["policy"] = .file(path: path, line: entry.line)
      configuration.policy = read(listOf: entry.value, "policy", Setting.ofEachRule) {
        PolicyRule()
      }
    }
    for entry in entries where entry.key == "sagas" {
      origins["sagas"] = .file(path: path, line: entry.line)
      configuration.sagas = read(listOf: entry.value, "sagas", Setting.ofEachSaga) {
        SagaConfiguration()
      }
    }
    for entry in entries where entry.key == "routes" {
      origins["routes"] = .file(path: path, line: entry.line)
      configuration.routes = read(listOf: entry.value, "routes", Setting.ofEachRoute) {
        CommandRoute()
      }
    }
    entries.removeAll { ["policy", "sagas", "routes"].contains($0.key) }
    guard let list = entries.first(where: { $0.key == "domains" }) else {
      read(entries, as: Setting.all, into: &configuration)
      return
    }
    listsDomains = true
    origins["domains"] = .file(path: path, line: list.line)
    var others = entries.filter { $0.key != "domains" }
    for entry in others where ["domain", "logic", "projector"].contains(entry.key) {
      report(entry.key, line: entry.line, "domains are listed; set it there, for each of them")
    }
    others.removeAll { ["domain", "logic", "projector"].contains($0.key) }
    read(others, as: Setting.process, into: &configuration)
    let domains = domains(list.value)
    if !domains.isEmpty { configuration.domains = domains }
  }

  /// Reads a list of sections, each with the settings of one owner.
  private mutating func read<Owner>(
    listOf list: YAMLNode, _ place: String, _ settings: [Setting<Owner>], _ make: () -> Owner
  ) -> [Owner] {
    items(list, place).enumerated().map { index, item in
      let place = "\(place)[\(index)]"
      var owner = make()
      guard let entries = section(item, place) else { return owner }
      read(entries, as: settings, into: &owner, place: place)
      return owner
    }
  }

  private mutating func domains(_ list: YAMLNode) -> [DomainConfiguration] {
    items(list, "domains").enumerated().map { index, item in
      let place = "domains[\(index)]"
      var domain = DomainConfiguration()
      guard let entries = section(item, place) else { return domain }
      if let projectors = entries.first(where: { $0.key == "projectors" }) {
        domain.projectors = read(
          listOf: projectors.value, "\(place).projectors", Setting.ofEachProjector
        ) { ProjectorConfiguration() }
      }
      let others = entries.filter { $0.key != "projectors" }
      read(others, as: Setting.ofEachDomain, into: &domain, place: place, beside: ["projectors"])
      if domain.name == nil { report("\(place).name", line: item.line, "a name is required") }
      return domain
    }
  }

  /// Reads the settings of one owner from a section and its subsections.
  private mutating func read<Owner>(
    _ entries: [YAMLNode.Entry], as settings: [Setting<Owner>], into owner: inout Owner,
    place: String = "", within path: String = "", beside others: [String] = []
  ) {
    for entry in entries {
      let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
      let shown = place.isEmpty ? key : "\(place).\(key)"
      if let setting = settings.first(where: { $0.key == key }) {
        set(setting, to: entry.value, in: &owner, shown: shown)
      } else if settings.contains(where: { $0.key.hasPrefix("\(key).") }) {
        guard let inner = section(entry.value, shown) else { continue }
        read(inner, as: settings, into: &owner, place: place, within: key)
      } else {
        let known = settings.map(\.key) + others
        problems.append(
          .unknown(key, at: .file(path: self.path, line: entry.line), known: known)
            .named(shortened(shown)))
      }
    }
  }

  private mutating func set<Owner>(
    _ setting: Setting<Owner>, to node: YAMLNode, in owner: inout Owner, shown: String
  ) {
    let texts: [String]
    switch node.content {
    case .scalar(let text) where !setting.isList: texts = [text]
    case .sequence(let items) where setting.isList:
      texts = items.compactMap { if case .scalar(let text) = $0.content { text } else { nil } }
      guard texts.count == items.count else { fallthrough }
    default:
      report(shown, line: node.line, "\(node.kind) is refused; allowed: \(setting.allowed)")
      return
    }
    let source = ConfigurationSource.file(path: path, line: node.line)
    guard !setting.assign(texts, &owner) else {
      origins[shown] = source
      return
    }
    problems.append(.badValue(texts, of: setting, at: source).named(shown))
  }

  // MARK: Structure

  /// The entries of a section; none if it is empty.
  private mutating func section(_ node: YAMLNode, _ place: String) -> [YAMLNode.Entry]? {
    switch node.content {
    case .mapping(let entries): return entries
    case .scalar(""): return []
    default:
      report(place, line: node.line, "\(node.kind) is here; a section of settings is expected")
      return nil
    }
  }

  private mutating func items(_ node: YAMLNode, _ place: String) -> [YAMLNode] {
    guard case .sequence(let items) = node.content, !items.isEmpty else {
      report(place, line: node.line, "a list with at least one entry is expected")
      return []
    }
    return items
  }

  private mutating func report(_ key: String, line: Int, _ message: String) {
    problems.append(.init(key: key, source: .file(path: path, line: line), message: message))
  }
}

extension ConfigurationError.Problem {
  /// The same, of a setting within a list.
  fileprivate func named(_ key: String) -> Self {
    var copy = self
    copy.key = key
    return copy
  }
}
