import ArgumentParser
import SidecarConfiguration

/// The roles of a subcommand, whose settings its help shows.
protocol ServedRoles {
  static var roles: Set<Role> { get }
}

enum EveryRole: ServedRoles {
  static var roles: Set<Role> { Set(Role.allCases) }
}

enum CommandHandlerRole: ServedRoles {
  static var roles: Set<Role> { [.commandHandler] }
}

enum QueryHandlerRole: ServedRoles {
  static var roles: Set<Role> { [.queryHandler] }
}

enum ProjectorRole: ServedRoles {
  static var roles: Set<Role> { [.projector] }
}

enum SagaRole: ServedRoles {
  static var roles: Set<Role> { [.saga] }
}

enum RelayRole: ServedRoles {
  static var roles: Set<Role> { [.relay] }
}

enum GatewayRole: ServedRoles {
  static var roles: Set<Role> { [.gateway] }
}

/// One option for each setting, generated from the table of settings, so that none is declared
/// twice. Options of other roles are hidden but accepted: all roles can share one command line.
///
/// ArgumentParser finds options in a type's mirror, and passes their values to its decoder; both
/// are written out below instead of being derived from stored properties.
struct SettingFlags<Served: ServedRoles>: ParsableArguments, CustomReflectable {
  /// Given values, by their settings' keys.
  private(set) var values: [String: String] = [:]

  private static var settings: [Setting<Configuration>] { Setting.all.filter { !$0.isList } }

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SettingName.self)
    for setting in Self.settings {
      let option = try container.decode(
        Option<String?>.self, forKey: SettingName(stringValue: setting.flagName))
      values[setting.key] = option.wrappedValue
    }
  }

  var customMirror: Mirror {
    Mirror(
      self,
      children: Self.settings.map { setting in
        (label: "_" + setting.flagName, value: Self.option(for: setting) as Any)
      })
  }

  private static func option(for setting: Setting<Configuration>) -> Option<String?> {
    let standard = setting.defaultText.isEmpty ? "" : " (default: \(setting.defaultText))"
    return Option(
      name: NameSpecification(
        [setting.flagName, setting.flagAlias].compactMap { $0.map { .customLong($0) } }),
      help: ArgumentHelp(
        "\(setting.summary)\(standard)",
        discussion: "Allowed: \(setting.allowed).",
        valueName: setting.placeholder.lowercased(),
        visibility: setting.roles.isDisjoint(with: Served.roles) ? .hidden : .default))
  }
}

private struct SettingName: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
