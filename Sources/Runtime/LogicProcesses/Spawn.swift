import CSpawn
import Glibc

/// Why a program did not start.
public struct SpawnError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The program, or the address it needs.
  public let program: String
  /// The system's error number.
  public let code: Int32
  /// The remedy, if known; with a full stop.
  public let advice: String?

  init(program: String, code: Int32, advice: String? = nil) {
    self.program = program
    self.code = code
    self.advice = advice
  }

  public var description: String {
    "\(program): \(String(cString: strerror(code)))\(advice.map { ". \($0)" } ?? "")"
  }
}

/// Starts a program by `posix_spawn`: in its own process group, with only the three given
/// descriptors (nil: `/dev/null`), and with a shell's signal dispositions.
func spawn(
  _ command: ChildCommand, input: Descriptor?, output: Descriptor?, error: Descriptor?
) throws(SpawnError) -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  for (target, descriptor) in zip(Int32(0)..., [input, output, error]) {
    if let descriptor {
      posix_spawn_file_actions_adddup2(&actions, descriptor.number, target)
    } else {
      posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
    }
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, 3)

  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  // Reset signal dispositions: we ignore or handle some.
  var everySignal = sigset_t()
  sigfillset(&everySignal)
  posix_spawnattr_setsigdefault(&attributes, &everySignal)
  var noSignal = sigset_t()
  sigemptyset(&noSignal)
  posix_spawnattr_setsigmask(&attributes, &noSignal)
  posix_spawnattr_setpgroup(&attributes, 0)
  posix_spawnattr_setflags(
    &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

  let environment = command.environment.map { "\($0.key)=\($0.value)" }
  var pid: pid_t = 0
  let code = withCStrings(command.arguments) { arguments in
    withCStrings(environment) { environment in
      posix_spawnp(&pid, command.arguments[0], &actions, &attributes, arguments, environment)
    }
  }
  guard code == 0 else { throw SpawnError(program: command.arguments[0], code: code) }
  return pid
}

/// A null-terminated array of null-terminated strings, valid during the call.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeBufferPointer { buffer in
    body(buffer.baseAddress!)  // It holds the final null at least.
  }
}
