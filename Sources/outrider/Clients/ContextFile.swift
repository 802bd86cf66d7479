import Glibc
import JSON
import SidecarConfiguration

/// Named deployments, in `outrider/contexts.json` below the configuration directory (XDG Base
/// Directory Specification). Only the owner can read the file.
struct ContextFile: Equatable {
  /// Sorted by name.
  private(set) var contexts: [NamedContext] = []
  /// The default context.
  private(set) var current: String?
  private let path: String

  /// Empty if there is no file yet.
  static func read(_ environment: [String: String]) throws -> ContextFile {
    var file = ContextFile(path: path(environment))
    guard access(file.path, F_OK) == 0 else { return file }
    do {
      let json = try JSONValue.parse(try readFile(file.path))
      if case .string(let name)? = json["current"] { file.current = name }
      guard case .array(let contexts)? = json["contexts"] else {
        throw Failure(.badData, "there is no list of contexts")
      }
      file.contexts = try contexts.map { try NamedContext($0) }
    } catch let failure as Failure where failure.outcome == .noInput {
      throw failure
    } catch {
      throw Failure(.badData, "\(file.path): \(error)")
    }
    return file
  }

  private static func path(_ environment: [String: String]) -> String {
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? "."
    let directory = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    return "\(directory ?? "\(home)/.config")/outrider/contexts.json"
  }

  private init(path: String) { self.path = path }

  func deployment(named name: String) throws(Failure) -> Deployment {
    guard let context = contexts.first(where: { $0.name == name }) else { throw missing(name) }
    return context.deployment
  }

  /// Adds a context, replacing the one of its name.
  mutating func add(_ context: NamedContext) {
    contexts.removeAll { $0.name == context.name }
    let place = contexts.firstIndex { $0.name > context.name } ?? contexts.endIndex
    contexts.insert(context, at: place)
  }

  /// Nil: none is the default.
  mutating func use(_ name: String?) throws(Failure) {
    if let name { _ = try deployment(named: name) }
    current = name
  }

  mutating func remove(_ name: String) throws(Failure) {
    _ = try deployment(named: name)
    contexts.removeAll { $0.name == name }
    if current == name { current = nil }
  }

  private func missing(_ name: String) -> Failure {
    let names = contexts.map(\.name)
    let guess = nearest(to: name, in: names).map { "; did you mean \($0)?" } ?? ""
    return Failure(.usage, "there is no context \"\(name)\"\(guess)")
  }

  /// Replaces the whole file atomically.
  func write() throws(Failure) {
    let members: [JSONValue.Member] = [
      .init("current", current.map { .string($0) } ?? .null),
      .init("contexts", .array(contexts.map(\.json))),
    ]
    let directory = path.split(separator: "/").dropLast()
    var parent = path.hasPrefix("/") ? "" : "."
    for name in directory {
      parent += "/\(name)"
      if mkdir(parent, 0o700) != 0, errno != EEXIST { throw failure(parent) }
    }
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw failure(draft) }
    let bytes = Array("\(JSONValue.object(members).text)\n".utf8)
    let isWritten =
      fchmod(descriptor, 0o600) == 0
      && Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    guard Glibc.close(descriptor) == 0, isWritten, rename(draft, path) == 0 else {
      let failure = failure(path)
      unlink(draft)
      throw failure
    }
  }

  private func failure(_ path: String) -> Failure {
    Failure(.output, "\(path) cannot be written: \(String(cString: strerror(errno)))")
  }
}

/// A named deployment.
struct NamedContext: Equatable {
  let name: String
  var deployment: Deployment

  init(name: String, _ deployment: Deployment) {
    self.name = name
    self.deployment = deployment
  }

  init(_ json: JSONValue) throws(Failure) {
    func text(_ member: String) -> String? {
      if case .string(let text)? = json[member] { text } else { nil }
    }
    guard let name = text("name"), !name.isEmpty else {
      throw Failure(.badData, "a context has no name")
    }
    self.name = name
    deployment = Deployment()
    for role in Role.called { deployment.addresses[role] = text(role.rawValue) }
    deployment.tokenFile = text("tokenFile")
    deployment.descriptors = text("descriptors")
    if case .object? = json["tls"], let tls = json["tls"] {
      func file(_ member: String) -> String? {
        if case .string(let path)? = tls[member] { path } else { nil }
      }
      deployment.tls = TLSChoice(
        authorities: file("authorities"), certificate: file("certificate"), key: file("key"))
    }
  }

  /// JSON that `init` reads.
  var json: JSONValue {
    var members = [JSONValue.Member("name", .string(name))]
    func add(_ member: String, _ text: String?) {
      if let text { members.append(.init(member, .string(text))) }
    }
    for role in Role.called { add(role.rawValue, deployment.addresses[role]) }
    add("tokenFile", deployment.tokenFile)
    add("descriptors", deployment.descriptors)
    if let tls = deployment.tls {
      let files = [
        ("authorities", tls.authorities), ("certificate", tls.certificate), ("key", tls.key),
      ]
      members.append(
        .init(
          "tls", .object(files.compactMap { name, path in path.map { .init(name, .string($0)) } })))
    }
    return .object(members)
  }
}
