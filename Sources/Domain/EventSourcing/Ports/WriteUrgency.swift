/// How long what a task writes to a store may be held up by others' writes. A task's children have
/// its urgency; a subscription in the background has fewer deliveries under way.
public enum WriteUrgency: Sendable {
  /// Somebody waits for it. It is durable when the call returns.
  case prompt
  /// It can be made anew, such as a projection that is being rebuilt. A store may have it yield to
  /// prompt writes, and keep it from a failure of power only together with the next prompt write:
  /// of all writes to one domain, those before some moment are kept then, and none of those after
  /// it. Nothing is lost with the process alone.
  case background

  /// That of the current task.
  @TaskLocal public static var current = WriteUrgency.prompt
}
