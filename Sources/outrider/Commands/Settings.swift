import ArgumentParser
import JSON
import SidecarConfiguration

/// Shows the table of all settings.
struct Settings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show every setting: its flag, its variable, its default and what is allowed.",
    discussion: "[] stands for each entry of a list, which can be given in the file alone.")

  @Flag(help: "One JSON object for each setting.")
  var json = false

  func run() throws {
    var output = StandardOutput()
    for setting in SettingReference.all {
      try json ? output.line(object(setting).text) : describe(setting, to: &output)
    }
    try output.flush()
  }

  private func describe(_ setting: SettingReference, to output: inout StandardOutput) throws {
    let standard = setting.defaultText.isEmpty ? "none" : setting.defaultText
    try output.line(setting.key)
    try output.line("    \(setting.summary)")
    if let flag = setting.flag, let variable = setting.variable {
      try output.line("    \(flag), \(variable)")
    }
    try output.line("    default: \(standard); allowed: \(setting.allowed)")
  }

  private func object(_ setting: SettingReference) -> JSONValue {
    [
      "key": .string(setting.key), "summary": .string(setting.summary),
      "flag": setting.flag.map { .string($0) } ?? .null,
      "variable": setting.variable.map { .string($0) } ?? .null,
      "default": .string(setting.defaultText), "allowed": .string(setting.allowed),
    ]
  }
}
