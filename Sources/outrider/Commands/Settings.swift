import ArgumentParser
import JSON
import SidecarRuntime

/// Shows the table of all settings.
struct Settings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show every setting: its flag, its variable, its default and what is allowed.")

  @Flag(help: "One JSON object for each setting.")
  var json = false

  func run() throws {
    var output = StandardOutput()
    for setting in Setting<Configuration>.all {
      try json ? output.line(object(setting).text) : describe(setting, to: &output)
    }
    try output.flush()
  }

  private func describe(
    _ setting: Setting<Configuration>, to output: inout StandardOutput
  ) throws {
    let standard = setting.defaultText.isEmpty ? "none" : setting.defaultText
    try output.line(setting.key)
    try output.line("    \(setting.summary)")
    if !setting.isList { try output.line("    \(setting.flag), \(setting.variable)") }
    try output.line("    default: \(standard); allowed: \(setting.allowed)")
  }

  private func object(_ setting: Setting<Configuration>) -> JSONValue {
    [
      "key": .string(setting.key), "summary": .string(setting.summary),
      "flag": setting.isList ? .null : .string(setting.flag),
      "variable": setting.isList ? .null : .string(setting.variable),
      "default": .string(setting.defaultText), "allowed": .string(setting.allowed),
    ]
  }
}
