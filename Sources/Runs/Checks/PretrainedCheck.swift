import Base
import Formats
import Foundation

/// Whether weights that a run was told to start from are in its first checkpoint.
struct PretrainedCheck {
  let run: RunSummary

  /// Below this correlation of the vision part's weights nothing of the source is left. Training from it keeps more.
  private static let leastCorrelation = 0.3

  func faults() -> [RunFault] {
    guard case .string(let source)? = run.parameter("pretrained_checkpoint"), !source.isEmpty else { return [] }
    let isFrozen = run.parameter("freeze_vision") == .bool(true)
    let first =
      run.checkpoints.filter { !$0.isLast }.min { ($0.epoch ?? .max) < ($1.epoch ?? .max) } ?? run.checkpoints.first
    guard let first else {
      return [
        RunFault(
          run.run, .notLoaded,
          "\(source) was asked for, and no checkpoint lies beside the log to compare: VisionCore's --pretrained_checkpoint is known to load nothing",
          remedy: "open a checkpoint of the run next to its log")
      ]
    }
    guard let correlation = try? Self.correlation(first.path, source) else {
      return [
        RunFault(
          run.run, .notLoaded,
          "\(source) was asked for and can't be read here to compare: VisionCore's --pretrained_checkpoint is known to load nothing",
          remedy: "run the check where the file is")
      ]
    }
    guard correlation < Self.leastCorrelation else { return [] }
    let evidence =
      "the weights of frontend and convnet in \(first.path.lastComponent) correlate with those of \(source) by \(NumberText.threeDigits(correlation))"
    var faults = [
      RunFault(
        run.run, .notLoaded, isError: true, evidence, remedy: "the run started from scratch: compare it with such runs")
    ]
    if isFrozen {
      faults.append(
        RunFault(
          run.run, .randomFrozen, isError: true, "freeze_vision is set, and \(evidence)",
          remedy: "the core never learned: do not use the run"))
    }
    return faults
  }

  /// Correlation of all values of the vision part's weights that both files have in one shape.
  private static func correlation(_ path: String, _ source: String) throws -> Double? {
    let (a, b) = (try Checkpoint(path: path), try Checkpoint(path: source))
    var (count, sumA, sumB, sumAA, sumBB, sumAB) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for name in a.arrayNames where name.hasPrefix("frontend.") || name.hasPrefix("convnet.") {
      guard let info = a.info(name), info.shape.count > 1, info.count <= 1 << 22, b.info(name)?.shape == info.shape
      else {
        continue
      }
      for (x, y) in zip(try a.stored(name).doubles(), try b.stored(name).doubles()) where x.isFinite && y.isFinite {
        count += 1
        sumA += x
        sumB += y
        sumAA += x * x
        sumBB += y * y
        sumAB += x * y
      }
    }
    let (varianceA, varianceB) = (sumAA - sumA * sumA / count, sumBB - sumB * sumB / count)
    guard count > 16, varianceA > 0, varianceB > 0 else { return nil }
    return (sumAB - sumA * sumB / count) / (varianceA * varianceB).squareRoot()
  }
}
