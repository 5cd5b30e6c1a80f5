import Base
import Fitting
import Formats
import Foundation

/// Readouts of all cells fitted to features that are there, one fit for each line on standard input; driven by readouts.py.
///
/// Answers with seconds, seconds of the processor on all cores, the mean loss of the readouts in nats per bin, and how many fits
/// converged.
enum ReadoutFits {
  /// - Parameter arguments: a file with `features` `[row, channel, height, width]` and `counts` `[row, cell]`, then the number
  ///   of starts and the penalty on the squared feature weights.
  static func run(_ arguments: [String]) throws {
    guard arguments.count == 3, let starts = Int(arguments[1]), let l2 = Double(arguments[2]) else {
      throw Failure(.usage, "vcsh-bench readouts FEATURES.npz STARTS L2")
    }
    let archive = try NpzArchive(path: arguments[0])
    let features = FeatureArray(try archive.tensor("features"))
    let counts = try archive.tensor("counts")
    let mask = Tensor(shape: [counts.shape[0], 1], values: [Float](repeating: 1, count: counts.shape[0]))
    let options = ReadoutRefitOptions(l2: l2, starts: starts)
    while readLine() != nil {
      var readouts: [CellReadout] = []
      let before = processorSeconds
      let time = try seconds {
        readouts = try ReadoutRefit.fit(
          features: features, counts: counts, mask: mask, trainRows: Array(0..<counts.shape[0]), valRows: [],
          options: options)
      }
      let processor = processorSeconds - before
      let losses = readouts.map { readout in
        readout.nllTrain + l2 * readout.features.reduce(0.0) { $0 + Double($1) * Double($1) }
      }
      print(
        time, processor, losses.reduce(0, +) / Double(max(1, losses.count)), readouts.count { $0.converged })
      fflush(nil)
    }
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }
}
