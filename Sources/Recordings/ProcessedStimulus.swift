import Base
import Synchronization

/// A stimulus whose transforms need the whole recording, kept once made.
final class ProcessedStimulus: Sendable {
  private let frames = Mutex<Tensor?>(nil)

  func whole(_ make: () throws -> Tensor) throws -> Tensor {
    try frames.withLock { kept in
      if let kept { return kept }
      let made = try make()
      kept = made
      return made
    }
  }
}
