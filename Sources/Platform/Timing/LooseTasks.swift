/// Tasks that nobody has to wait for, so that they do not run where their maker does.
public enum LooseTasks {
  /// Where they run; nil: where any task does. A test that holds time must hold them, too.
  @TaskLocal public static var executor: (any TaskExecutor)?
}
