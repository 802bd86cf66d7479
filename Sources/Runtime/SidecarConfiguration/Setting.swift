/// Declares one setting: name, type, default, meaning and check.
///
/// Flag, environment variable and place in the file derive from the key, so that help, reference
/// and errors agree: `limit.cache-size` is `--limit-cache-size`, `OUTRIDER_LIMIT_CACHE_SIZE`, and
/// `cache-size` under `limit` in `outrider.yaml`.
///
/// `Owner` is the type that holds the value: the whole configuration, a domain or a projector.
public struct Setting<Owner: Sendable>: Sendable {
  /// The path in the file, joined by dots.
  public let key: String
  /// The placeholder of the value in help: `PORT`.
  public let placeholder: String
  /// Its meaning, in a sentence.
  public let summary: String
  /// The allowed values, to be read after "allowed: ".
  public let allowed: String
  /// The default; empty if there is none.
  public let defaultText: String
  /// True for a list, which only the file can hold.
  public let isList: Bool
  /// The owner of the setting.
  public let scope: SettingScope
  let assign: @Sendable ([String], inout Owner) -> Bool
  /// The value as written, without passwords; empty for none.
  let read: @Sendable (Owner) -> String
  /// An example for documentation, if there is no default.
  let example: String
  /// The roles that use it; help of other roles omits it.
  public internal(set) var roles = Set(Role.allCases)
  /// A shorter flag, without hyphens in front; nil: none.
  public internal(set) var flagAlias: String?

  /// Its flag.
  public var flag: String { "--" + flagName }

  /// The flag without hyphens in front.
  public var flagName: String { String(key.map { $0 == "." ? "-" : $0 }) }

  /// Its environment variable.
  public var variable: String {
    Setting.variablePrefix
      + key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
  }

  /// The prefix of all variables of Outrider.
  public static var variablePrefix: String { "OUTRIDER_" }
}

/// The property of the owner that holds the value.
typealias SettingPath<Owner, Value> = any WritableKeyPath<Owner, Value> & Sendable

/// The owner of a setting. A domain's setting outside the file needs a single domain.
public enum SettingScope: Sendable {
  case process, domain, projector
}

extension Setting {
  /// A setting with one value at `path`; the default is taken from `initial`.
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

  /// A setting with several texts; the first must not be empty.
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

  /// The same setting of a value that holds the owner.
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

  /// The same setting with an additional, shorter flag.
  func alsoNamed(_ flag: String) -> Setting {
    var setting = self
    setting.flagAlias = flag
    return setting
  }

  /// The same setting, limited to these roles.
  func heeded(by roles: Role...) -> Setting {
    var setting = self
    setting.roles = Set(roles)
    return setting
  }
}
