/// Whether a task's writes may yield to others'. A task's children inherit it; a background
/// subscription also has fewer concurrent deliveries.
public enum WriteUrgency: Sendable {
  /// A caller waits for the write. It is durable when the call returns.
  case prompt
  /// A write that can be repeated, such as a projection that is being rebuilt. A store may let it
  /// yield to prompt writes. It survives a crash of the process, but may survive a power failure
  /// only once the next prompt write is durable. After a power failure, a domain keeps exactly
  /// its writes before some moment.
  case background

  /// The urgency of the current task.
  @TaskLocal public static var current = WriteUrgency.prompt
}
