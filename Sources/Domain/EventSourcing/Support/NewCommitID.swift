import EventModel
import Timing

extension Environment {
  func newCommitID() -> CommitID {
    var generator = generator
    return CommitID.random(using: &generator)
  }
}
