/// The documentation of one setting, at any place in the file.
public struct SettingReference: Sendable, Equatable {
  /// The path in the file; `[]`: each entry of a list.
  public let key: String
  public let summary: String
  /// Nil: only the file can hold it.
  public let flag: String?
  public let variable: String?
  /// Empty if there is none.
  public let defaultText: String
  public let allowed: String

  /// All settings: first those with flags and variables, then those of the file's lists.
  public static let all: [SettingReference] =
    Setting<Configuration>.all.map { setting in
      SettingReference(
        setting, key: setting.key, flag: setting.isList ? nil : setting.flag,
        variable: setting.isList ? nil : setting.variable)
    }
    + [
      SettingReference(
        key: "domains", summary: "Several domains, in place of domain, logic and projector.",
        flag: nil, variable: nil, defaultText: "", allowed: "a list of sections")
    ] + Setting.ofEachDomain.map { SettingReference($0, key: "domains[].\($0.key)") }
    + Setting.ofEachProjector.map { SettingReference($0, key: "domains[].projectors[].\($0.key)") }
    + [
      SettingReference(
        key: "sagas", summary: "What turns events into commands.",
        flag: nil, variable: nil, defaultText: "", allowed: "a list of sections")
    ] + Setting.ofEachSaga.map { SettingReference($0, key: "sagas[].\($0.key)") }
    + [
      SettingReference(
        key: "routes",
        summary: "Where sagas' commands go; the first route that names a domain counts.",
        flag: nil, variable: nil, defaultText: "", allowed: "a list of sections")
    ] + Setting.ofEachRoute.map { SettingReference($0, key: "routes[].\($0.key)") }
    + [
      SettingReference(
        key: "policy",
        summary: "Who may do what; a call is allowed if one rule allows it. Without, every caller.",
        flag: nil, variable: nil, defaultText: "", allowed: "a list of sections")
    ] + Setting.ofEachRule.map { SettingReference($0, key: "policy[].\($0.key)") }
}

extension SettingReference {
  fileprivate init<Owner>(
    _ setting: Setting<Owner>, key: String, flag: String? = nil, variable: String? = nil
  ) {
    self.init(
      key: key, summary: setting.summary, flag: flag, variable: variable,
      defaultText: setting.defaultText, allowed: setting.allowed)
  }
}
