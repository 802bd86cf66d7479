/// The declaration of one thing that can be set: name, type, default, meaning and check.
///
/// Flag, environment variable and place in the file derive from the key, so that help, reference
/// and errors all speak of the same thing: `limit.cache-size` is `--limit-cache-size`,
/// `OUTRIDER_LIMIT_CACHE_SIZE`, and `cache-size` under `limit` in `outrider.yaml`.
///
/// `Owner` is the value that has it: the whole configuration, a domain or a projector.
public struct Setting<Owner: Sendable>: Sendable {
  /// The path in the file, joined by dots.
  public let key: String
  /// What stands for the value in help: `PORT`.
  public let placeholder: String
  /// What it does, in a sentence.
  public let summary: String
  /// What it may be, to be read after "allowed: ".
  public let allowed: String
  /// The value where nothing is set; empty where there is none.
  public let defaultText: String
  /// Whether it is one value; a list can be given only in the file.
  public let isList: Bool
  /// What it is a setting of.
  public let scope: SettingScope
  let assign: @Sendable ([String], inout Owner) -> Bool
  /// The value as a person would write it, but for passwords; empty for none.
  let read: @Sendable (Owner) -> String
  /// What stands for a value where there is no default.
  let example: String
  /// The roles that heed it; help of the others leaves it out.
  public internal(set) var roles = Set(Role.allCases)
  /// A shorter name on the command line, without hyphens in front; nil: none.
  public internal(set) var flagAlias: String?

  /// Its name on the command line.
  public var flag: String { "--" + flagName }

  /// The same without hyphens in front.
  public var flagName: String { String(key.map { $0 == "." ? "-" : $0 }) }

  /// Its name in the environment.
  public var variable: String {
    Setting.variablePrefix
      + key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
  }

  /// What every variable of Outrider's begins with.
  public static var variablePrefix: String { "OUTRIDER_" }
}

/// Where in its owner a setting's value is kept.
typealias SettingPath<Owner, Value> = any WritableKeyPath<Owner, Value> & Sendable

/// What a setting belongs to. One of a domain means nothing where there are several.
public enum SettingScope: Sendable {
  case process, domain, projector
}

extension Setting {
  /// A setting of one value, kept at `path`; the default is what is there in `initial`.
  init<Value>(
    _ key: String, _ path: SettingPath<Owner, Value>, _ format: ValueFormat<Value>,
    of initial: Owner, _ summary: String
  ) {
    self.init(
      key: key, placeholder: format.placeholder, summary: summary, allowed: format.allowed,
      defaultText: format.write(initial[keyPath: path]), isList: false, scope: .process,
      assign: { texts, owner in
        guard texts.count == 1, let value = format.parse(texts[0]) else { return false }
        owner[keyPath: path] = value
        return true
      },
      read: { format.write($0[keyPath: path]) }, example: format.example)
  }

  /// A setting of several texts, of which the first is not empty.
  init<Text: LosslessStringConvertible & SendableMetatype>(
    list key: String, _ path: SettingPath<Owner, [Text]>, _ summary: String,
    example: String = "[a, b]"
  ) {
    self.init(
      key: key, placeholder: "LIST", summary: summary, allowed: "a list of texts, such as [a, b]",
      defaultText: "", isList: true, scope: .process,
      assign: { texts, owner in
        guard let first = texts.first, !first.isEmpty else { return false }
        owner[keyPath: path] = texts.compactMap(Text.init)
        return true
      },
      read: { owner in
        let texts = owner[keyPath: path].map(\.description)
        return texts.isEmpty ? "" : "[\(texts.joined(separator: ", "))]"
      }, example: example)
  }

  /// The same setting as one of a value that holds the owner.
  func lifted<Outer>(
    _ path: SettingPath<Outer, Owner>, key: String, scope: SettingScope
  ) -> Setting<Outer> {
    Setting<Outer>(
      key: key, placeholder: placeholder, summary: summary, allowed: allowed,
      defaultText: defaultText, isList: isList, scope: scope,
      assign: { [assign] texts, outer in assign(texts, &outer[keyPath: path]) },
      read: { [read] outer in read(outer[keyPath: path]) }, example: example, roles: roles,
      flagAlias: flagAlias)
  }

  /// The same setting, with a shorter name on the command line beside its own.
  func alsoNamed(_ flag: String) -> Setting {
    var setting = self
    setting.flagAlias = flag
    return setting
  }

  /// The same setting, which only these roles heed.
  func heeded(by roles: Role...) -> Setting {
    var setting = self
    setting.roles = Set(roles)
    return setting
  }
}
