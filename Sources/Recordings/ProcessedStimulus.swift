import Base
import Synchronization

/// Keeps what is computed from the whole recording: covariates, the stimulus's transforms, and impossible bins.
final class ProcessedStimulus: Sendable {
  private let covariates = Mutex<[String: Tensor]>([:])
  private let transforms = Mutex<FrameTransforms?>(nil)

  private let impossible = Mutex<ImpossibleBins?>(nil)

  func impossibleBins(_ make: () throws -> ImpossibleBins) throws -> ImpossibleBins {
    try impossible.withLock { kept in
      if let kept { return kept }
      let made = try make()
      kept = made
      return made
    }
  }

  func whole(_ name: String, _ make: () throws -> Tensor) throws -> Tensor {
    try covariates.withLock { kept in
      if let made = kept[name] { return made }
      let made = try make()
      kept[name] = made
      return made
    }
  }

  func transforms(_ make: () throws -> FrameTransforms) throws -> FrameTransforms {
    try transforms.withLock { kept in
      if let kept { return kept }
      let made = try make()
      kept = made
      return made
    }
  }
}
