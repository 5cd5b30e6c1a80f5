import Analysis
import Base
import Metrics
import Recordings
import Training

/// A stimulus of an open recording as a trainer sees it.
package struct LoadedTrainingSet: TrainingSet {
  /// Shares of the trials for training, validation and test.
  package struct Shares: Sendable, Equatable {
    package let train: Double
    package let val: Double

    package init(train: Double, val: Double) {
      self.train = train
      self.val = val
    }
  }

  package let label: String
  package let session: String
  package let head: Int
  package let cids: [Int]
  package let trainingFrames: [Int]
  package private(set) var validationFrames: [Int]
  /// Frames that neither steps nor validations see; empty where the trials have two parts.
  package let testFrames: [Int]
  package let meanCounts: [Double?]
  /// Identifies the twin, the data and how they are read.
  package let digest: String
  private let inputs: TwinInputs
  private let counts: Tensor
  private let mask: Tensor
  private let stimulus: Stimulus
  package let fieldFrames: [Int]

  /// - Parameter shares: three parts of the trials; nil for the recording's own two.
  /// - Throws: `undefined` where no frame is left to train on; as `TwinInputs` for a recording that does not fit the twin.
  package init(
    _ twin: LoadedTwin, head: Int, _ loaded: LoadedStimulus, shares: Shares? = nil, in session: Session
  ) throws {
    try Predictor(session: session).checkCells(twin, head: head, loaded)
    label = loaded.label
    self.session = loaded.session
    self.head = head
    cids = loaded.stimulus.cids
    inputs = try TwinInputs(twin, head: head, loaded, for: .rates)
    stimulus = loaded.stimulus
    let valid = try stimulus.validFrames()
    fieldFrames = valid
    if let shares {
      let parts = try Self.parts(shares, of: stimulus, valid)
      (trainingFrames, validationFrames, testFrames) = (parts.train, parts.val, parts.test)
    } else {
      trainingFrames = try stimulus.frames(.train, among: valid)
      validationFrames = try stimulus.frames(.val, among: valid)
      testFrames = []
    }
    guard !trainingFrames.isEmpty else {
      throw Failure(
        .undefined, "\(loaded.label) has no valid frame to train on",
        hint: "`show \(loaded.recordingName)` tells how many bins are valid")
    }
    let (given, observed) = (try stimulus.mask(), try stimulus.counts())
    let undefined = Self.undefinedCells(observed, given)
    counts = observed
    mask = Self.mask(given, without: undefined)
    let means = try stimulus.meanCounts(over: trainingFrames)
    meanCounts = zip(means, undefined).map { $1 ? nil : $0 }
    if undefined.contains(true) {
      let cids = zip(stimulus.cids, undefined).filter(\.1).map(\.0)
      guard meanCounts.contains(where: { $0 != nil }) else {
        throw Failure(
          .undefined, "\(loaded.label): no cell has counts to train on: their responses are not finite",
          hint: "`show \(loaded.recordingName)` tells which bins can't be right")
      }
      session.note(
        "\(loaded.label): \(cids.count == 1 ? "cell" : "cells") \(cids.idRanges) \(cids.count == 1 ? "has" : "have") no part in the loss: \(Undefined.responseNotFinite.rawValue)"
      )
    }
    digest = Predictor.key("training", twin, head: head, loaded)
  }

  /// Cells with a count that is not a number in a valid bin: `ImpossibleBins` has found them damaged.
  ///
  /// - Shapes: counts and mask `[time, cell]`
  private static func undefinedCells(_ counts: Tensor, _ mask: Tensor) -> [Bool] {
    let cells = counts.shape[1]
    var undefined = [Bool](repeating: false, count: cells)
    for index in counts.values.indices where counts.values[index].isNaN && mask.values[index] > 0 {
      undefined[index % cells] = true
    }
    return undefined
  }

  /// The mask with no valid bin of these cells: one NaN would make the loss of all cells NaN.
  private static func mask(_ mask: Tensor, without undefined: [Bool]) -> Tensor {
    guard undefined.contains(true) else { return mask }
    var mask = mask
    for index in mask.values.indices where undefined[index % undefined.count] { mask.values[index] = 0 }
    return mask
  }

  private static func parts(
    _ shares: Shares, of stimulus: Stimulus, _ valid: [Int]
  ) throws -> (train: [Int], val: [Int], test: [Int]) {
    let (trials, configuration) = (try stimulus.trialIDs(), stimulus.configuration)
    guard shares.train <= configuration.trainFraction else {
      throw Failure(
        .usage,
        "\(stimulus.label): a training part of \(shares.train) is larger than the recording's own of \(configuration.trainFraction): it would hold trials of the split `val`, which `eval` scores",
        hint: "give at most \(configuration.trainFraction) to training")
    }
    let parts = TrialParts(trials: trials, train: shares.train, val: shares.val, seed: configuration.seed)
    func frames(_ part: [Int], _ what: String) throws -> [Int] {
      let own = Set(part)
      let frames = valid.filter { own.contains(trials[$0]) }
      guard !frames.isEmpty else {
        throw Failure(
          .undefined,
          "\(stimulus.label): no valid frame of its \(Set(trials).count) trials falls into the \(what) part",
          hint: "give that part a larger share")
      }
      return frames
    }
    return (
      try frames(parts.trainTrials, "training"), try frames(parts.valTrials, "validation"),
      try frames(parts.testTrials, "test")
    )
  }

  /// The same with the test frames in place of the held-out ones, to score them once at the end.
  package var tested: LoadedTrainingSet {
    var copy = self
    copy.validationFrames = testFrames
    return copy
  }

  package func batch(_ frames: [Int]) throws -> TrainingBatch {
    var batch = try responses(frames)
    batch.input = try inputs.input(frames: frames)
    return batch
  }

  package func responses(_ frames: [Int]) throws -> TrainingBatch {
    let count = counts.shape[0]
    if let wrong = frames.first(where: { !(0..<count).contains($0) }) {
      throw Failure(.mismatch, "\(label) has no frame \(wrong): its frames are 0 to \(count - 1)")
    }
    return TrainingBatch(
      input: .init(), counts: counts.gathering(rows: frames), mask: mask.gathering(rows: frames))
  }
}

extension LoadedTrainingSet: MeasurableSet {
  /// Frames that are compared with the one before them.
  private static let compared = 100

  package var fieldMeasurement: FieldMeasurement { FieldMeasurement(of: stimulus, label: label) }

  package func frameCorrelation() throws -> Double? {
    try stimulus.frameCorrelation(TemporalPath.spread(Self.compared, over: fieldFrames))
  }
}

extension LoadedStimulus {
  /// Of the trials that shares keep for validation and test, how many the recording's own split gives to training.
  package func ownTrainingTrials(heldOutBy shares: LoadedTrainingSet.Shares) throws -> (count: Int, of: Int) {
    let parts = TrialParts(
      trials: try stimulus.trialIDs(), train: shares.train, val: shares.val, seed: stimulus.configuration.seed)
    let held = parts.valTrials + parts.testTrials
    let own = Set(try stimulus.trialSplit().valTrials)
    return (held.count { !own.contains($0) }, held.count)
  }
}
