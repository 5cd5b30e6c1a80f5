import Base
import Formats
import Foundation
import Training
import Twin

/// Steps of training on given batches, one for each line on standard input; driven by training.py.
///
/// Answers with seconds, core seconds, and the loss before the step (the sum over the steps of an epoch).
enum TrainingSteps {
  /// - Parameter arguments: a checkpoint, batches (`stim`, or `frames` and `steps`, with `counts`), and `--readouts` to
  ///   train the readouts alone.
  static func run(_ arguments: [String]) throws {
    let checkpoint = try Checkpoint(path: arguments.first ?? "")
    guard let configuration = checkpoint.configuration else { throw Failure(.format, "no configuration") }
    let architecture = try TwinArchitecture(configuration: configuration, source: checkpoint)
    let onlyReadouts = arguments.contains("--readouts")
    let set = try FixedBatches(arguments.dropFirst().filter { !$0.hasPrefix("--") })
    var trainer = try Trainer(
      architecture: architecture, source: checkpoint, heads: [0],
      settings: TrainingSettings(learningRate: 1e-4, usesProximalSteps: false),
      isFrozen: { onlyReadouts && $0.part != .readout })
    while readLine() != nil {
      var loss = 0.0
      let before = coreSeconds
      let time = try seconds {
        for frames in set.batches {
          let step = TrainingStep(epoch: 0, microBatches: [[.init(dataset: 0, frames: Array(frames))]])
          loss += try trainer.take(step, from: [set]).loss
        }
      }
      print(time, coreSeconds - before, loss)
      fflush(nil)
    }
  }

  /// User and system time of this process.
  private static var coreSeconds: Double {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
  }
}

/// Batches of a file each; frames are numbered through.
private struct FixedBatches: TrainingSet {
  let label = "batches"
  let session = "session"
  let head = 0
  let cids: [Int]
  var trainingFrames: [Int] { Array(0..<(batches.last?.upperBound ?? 0)) }
  let validationFrames: [Int] = []
  let meanCounts: [Double?]
  let batches: [Range<Int>]
  private let loaded: [TrainingBatch]

  init(_ paths: [String]) throws {
    var batches: [Range<Int>] = []
    loaded = try paths.map { path in
      let archive = try NpzArchive(path: path)
      let counts = try archive.tensor("counts")
      let start = batches.last?.upperBound ?? 0
      batches.append(start..<start + counts.shape[0])
      if archive.arrayNames.contains("stim") {
        return TrainingBatch(input: .init(stimulus: try archive.tensor("stim")), counts: counts, mask: nil)
      }
      let steps = try archive.tensor("steps")
      return TrainingBatch(
        input: .init(
          windows: .init(
            frames: try archive.tensor("frames"),
            steps: (0..<steps.shape[0]).map { steps[row: $0].values.map { Int($0) } })), counts: counts, mask: nil)
    }
    self.batches = batches
    cids = Array(0..<(loaded.first?.counts.shape[1] ?? 0))
    meanCounts = [Double?](repeating: nil, count: cids.count)
  }

  func batch(_ frames: [Int]) throws -> TrainingBatch {
    guard let index = batches.firstIndex(where: { Array($0) == frames }) else {
      throw Failure(.missing, "no such batch")
    }
    return loaded[index]
  }
}
