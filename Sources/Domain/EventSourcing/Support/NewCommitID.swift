import EventModel
import Timing

extension Environment {
  public func newCommitID() -> CommitID {
    var generator = generator
    return CommitID.random(using: &generator)
  }
}
