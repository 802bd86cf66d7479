import JSON
import SidecarConfiguration

/// What can be read can be written, and read again as the same.
@Sendable func feedJSON(_ input: [UInt8]) {
  if let value = try? JSONValue.parse(input) {
    precondition((try? JSONValue.parse(Array(value.text.utf8))) == value, value.text)
    precondition((try? JSONValue.parse(Array(value.prettyText.utf8))) == value, value.prettyText)
  }
  if let time = RFC3339(String(decoding: input, as: UTF8.self)) {
    precondition(RFC3339("\(time)") == time, "\(time)")
  }
}

/// A configuration file, and what says where it is.
@Sendable func feedYAML(_ input: [UInt8]) {
  var sources = ConfigurationSources()
  sources.file = ConfigurationFile(path: "outrider.yaml", bytes: input)
  _ = try? sources.resolve()
  if let location = ConfigurationLocation(String(decoding: input, as: UTF8.self)) {
    precondition(ConfigurationLocation("\(location)") == location, "\(location)")
  }
}
