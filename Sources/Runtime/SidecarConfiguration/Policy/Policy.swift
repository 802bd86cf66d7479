import EventModel
import RPC
import Sidecars
import Wire

/// The parsed rules of access. A call is allowed if one rule allows it.
package struct Policy: Sendable {
  private struct Rule {
    var callers: [CallerPattern] = []
    var methods: [TextPattern] = []
    var domains: [Name] = []
  }

  private var rules: [Rule] = []
  /// Errors in the rules; an invalid rule allows nothing.
  private(set) var problems: [ConfigurationError.Problem] = []

  /// Empty: any authenticated caller may do everything.
  package var isEmpty: Bool { rules.isEmpty }

  /// - Parameter provable: the kinds of names that callers can prove here.
  init(_ rules: [PolicyRule], provable: Set<CallerName.Kind>) {
    for (index, rule) in rules.enumerated() {
      var read = Rule(domains: rule.domains)
      for text in rule.callers {
        do throws(PolicyMistake) {
          read.callers.append(try CallerPattern(text.text, provable: provable))
        } catch {
          report("policy[\(index)].callers", error)
        }
      }
      for text in rule.methods {
        do throws(PolicyMistake) { read.methods.append(try Self.method(text.text)) } catch {
          report("policy[\(index)].methods", error)
        }
      }
      self.rules.append(read)
    }
  }

  /// The domains on which the caller may call the method; nil if none.
  package func scope(of caller: Caller, _ method: Method) -> DomainScope? {
    let name: Name = "\(method.service)/\(method.name)"
    let matching = rules.filter { rule in
      rule.callers.contains { $0.matches(caller) } && rule.methods.contains { $0.matches(name) }
    }
    guard !matching.isEmpty else { return nil }
    let domains = Set(matching.flatMap(\.domains))
    return domains.contains("*") ? .all : .only(domains)
  }

  private static func method(_ text: String) throws(PolicyMistake) -> TextPattern {
    let pattern = TextPattern(text)
    let methods = DescriptorSet.own.methods
    guard !methods.contains(where: { pattern.matches(Name($0)) }) else { return pattern }
    let services = Set(methods.map { String($0.prefix { $0 != "/" }) + "/*" })
    let guess = nearest(to: text, in: (methods + services).sorted())
    throw PolicyMistake(
      "there is no method \(quoted(text))" + (guess.map { "; did you mean \($0)?" } ?? ""))
  }

  private mutating func report(_ key: String, _ mistake: PolicyMistake) {
    problems.append(.init(key: key, source: nil, message: mistake.message))
  }
}

/// Why an entry of a rule matches nothing.
struct PolicyMistake: Error {
  let message: String

  init(_ message: String) { self.message = message }
}

extension Configuration {
  /// The policy in the form that checks calls.
  package var checkedPolicy: Policy {
    var provable: Set<CallerName.Kind> = []
    if tls.clientAuthorities != nil { provable.formUnion([.uri, .dns, .email]) }
    if tokens.keys != nil || eventuate.apiKeys != nil { provable.insert(.token) }
    return Policy(policy, provable: provable)
  }
}

/// A rule of access: the callers may call the methods on the domains. A call is allowed if one
/// rule allows it.
public struct PolicyRule: Sendable, Equatable {
  /// Proven names, as `CallerPattern` reads them; `*` at the end matches any rest.
  public var callers: [Name] = ["*"]
  /// For example `evented.EventQuery/GetEvents`; `*` at the end matches any rest.
  public var methods: [Name] = ["*"]
  /// Names of domains; `*`: all.
  public var domains: [Name] = ["*"]

  public init() {}
}
