import CallSecurity

/// A file of API keys: what is none proves nothing.
@Sendable func feedAPIKeys(_ input: [UInt8]) {
  guard let keys = try? APIKeyTable(input) else { return }
  precondition(keys.caller(of: "", secret: "") == nil, "an empty id is a key")
}
