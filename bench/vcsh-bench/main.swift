import Base
import Fitting
import Formats
import Foundation
import Kernels
import Metrics
import Twin

// Runs one measured piece of work for each line on standard input and answers with its seconds; driven by compare.py.
//
//   vcsh-bench CHECKPOINT|- WINDOWS.npz|- PREDICTIONS.npz [FIELDS.npz]
//
// or, for docs/performance.md, times the twin's heavy convolutions and loops over memory on one core, beside sgemm and memcpy:
//
//   vcsh-bench kernels
//
// or every norm beside GRN, forward and with its gradients, on one core:
//
//   vcsh-bench norms
//
// or completion at every position, in a large catalogue:
//
//   vcsh-bench completion
//
// or steps of training, for training.py:
//
//   vcsh-bench train CHECKPOINT BATCH.npz... [--readouts]
//
// or fits of readouts to features, for readouts.py, and one that streams features that do not fit in memory:
//
//   vcsh-bench readouts FEATURES.npz STARTS L2
//   vcsh-bench stream FILE ROWS CELLS

let arguments = CommandLine.arguments
if arguments.count == 2, arguments[1] == "kernels" {
  for line in HeavyConvolutions.report() + MemoryKernels.report() { print(line) }
  exit(0)
}
if arguments.count == 2, arguments[1] == "norms" {
  for line in try NormTimes.report() { print(line) }
  exit(0)
}
if arguments.count == 2, arguments[1] == "completion" {
  for line in try CompletionTimes.report() { print(line) }
  exit(0)
}
let other: [String: ([String]) throws -> Void] = [
  "train": TrainingSteps.run, "readouts": ReadoutFits.run, "stream": StreamedFit.run,
]
if arguments.count >= 4, let run = other[arguments[1]] {
  do {
    try run(Array(arguments.dropFirst(2)))
    exit(0)
  } catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
  }
}
guard (4...5).contains(arguments.count) else {
  FileHandle.standardError.write(
    Data("usage: vcsh-bench CHECKPOINT|- WINDOWS.npz|- PREDICTIONS.npz [FIELDS.npz]\n".utf8))
  exit(2)
}

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let time = (ContinuousClock.now - start).components
  return Double(time.seconds) + Double(time.attoseconds) * 1e-18
}

do {
  let archive = try NpzArchive(path: arguments[3])
  let rates = try archive.tensor("rhat")
  let predictions = Predictions(
    cids: Array(0..<rates.shape[1]), frames: Array(0..<rates.shape[0]), rates: rates,
    counts: try archive.tensor("robs"),
    mask: try archive.tensor("dfs"), rateHz: 120)
  var network: TwinNetwork?
  var windows: Tensor?
  var consecutive: TwinInput.Windows?
  if arguments[1] != "-" {
    let checkpoint = try Checkpoint(path: arguments[1])
    guard let configuration = checkpoint.configuration else { throw Failure(.format, "no configuration") }
    let architecture = try TwinArchitecture(configuration: configuration, source: checkpoint)
    network = try TwinNetwork(architecture: architecture, source: checkpoint)
    let stimuli = try NpzArchive(path: arguments[2])
    windows = try stimuli.tensor("stim")
    let frames = try stimuli.tensor("frames")
    let lags = windows?.shape[2] ?? 0
    consecutive = .init(
      frames: frames, steps: (lags - 1..<frames.shape[0]).map { newest in (0..<lags).map { newest - $0 } })
  }
  let fields = try arguments.count > 4 ? FieldBench(path: arguments[4]) : nil
  while let line = readLine() {
    switch line {
    case "calibrate":
      var calibration: Calibration?
      let time = try seconds { calibration = try Calibrator.calibrate(predictions, mode: .affine, inSample: true) }
      let losses = (calibration?.cells ?? []).compactMap(\.nllCalibrated)
      print(time, losses.reduce(0, +) / Double(max(1, losses.count)))
    case "bits":
      var scores: [CellScores] = []
      let time = try seconds { scores = try evaluate(predictions) }
      print(time, scores.compactMap(\.bitsPerSpike.value).reduce(0, +) / Double(max(1, scores.count)))
    case "sta", "sta-plain":
      guard let fields else { throw Failure(.missing, "no frames were given") }
      var sums: FieldSums?
      let time = try seconds { sums = try fields.sums(isWhitened: line == "sta") }
      print(time, try sums.map(fields.checksum) ?? .nan)
    case "forward":
      guard let network, let windows else { throw Failure(.missing, "no checkpoint was given") }
      var output: TwinNetwork.Output?
      let time = try seconds { output = try network.forward(.init(stimulus: windows), head: 0) }
      print(time, output?.rates.values.first.map(Double.init) ?? .nan)
    case "consecutive", "stages":
      guard let network, let consecutive else { throw Failure(.missing, "no checkpoint was given") }
      var output: TwinNetwork.Output?
      let time = try seconds { output = try network.forward(.init(windows: consecutive), head: 0) }
      if line == "consecutive" {
        print(time, output?.rates.values.reduce(0) { $0 + Double($1) } ?? .nan)
      } else {
        let count = Double(consecutive.steps.count)
        let stages = output?.stageSeconds.map { "\($0.name.dropFirst(2)) \($0.seconds / count)" } ?? []
        print(stages.joined(separator: " "))
      }
    default:
      throw Failure(.usage, "unknown work `\(line)`")
    }
    fflush(nil)
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
