import Base
import Formats
import Recordings
import TestSupport
import Training
import Twin

/// A recording of the fixtures as a trainer sees it.
struct RecordedSet: TrainingSet {
  let label: String
  let head: Int
  let cids: [Int]
  let stimulus: Stimulus
  let meanCounts: [Double?]
  let session: String
  let trainingFrames: [Int]
  let validationFrames: [Int]
  private let counts: Tensor
  private let mask: Tensor

  init(session: String, stimulus name: String = "backimage", head: Int) throws {
    self.session = session
    label = "\(session)/\(name)"
    self.head = head
    let dataset = try DictDataset(path: Fixtures.shared("twin/\(session)/\(name).dset"))
    stimulus = try Stimulus(
      name: name, source: dataset, metadata: dataset.metadata,
      configuration: try RecordingConfiguration(
        parent: try YAMLDocument.read(path: Fixtures.path("twin/multi_sim_120_all.yaml")),
        session: try YAMLDocument.read(path: Fixtures.path("twin/sessions/\(session).yaml")), sessionName: session))
    cids = stimulus.cids
    counts = try stimulus.counts()
    mask = try stimulus.mask()
    trainingFrames = try stimulus.validFrames(.train)
    validationFrames = try stimulus.validFrames(.val)
    meanCounts = try stimulus.meanCounts(over: trainingFrames)
  }

  static func both() throws -> [RecordedSet] {
    [try RecordedSet(session: "Sim_2025-01-10", head: 0), try RecordedSet(session: "Sim_2025-01-17", head: 1)]
  }

  func batch(_ frames: [Int]) throws -> TrainingBatch {
    let (images, steps) = try stimulus.sharedWindows(frames: frames)
    return TrainingBatch(
      input: TwinInput(windows: .init(frames: images, steps: steps)), counts: counts.gathering(rows: frames),
      mask: mask.gathering(rows: frames))
  }
}
