import Base
import Kernels

/// Standard errors of a cell's gain and offset from the spread over trials, whatever the distribution of the counts.
///
/// The Fisher information assumes Poisson counts that are independent from bin to bin. Cells whose excitability changes from
/// trial to trial vary more. Here each trial is one observation, and bins of a trial may depend on each other.
///
/// Formula: with x = (r, 1), rate = gain r + offset, S_t = sum over the trial's valid bins of d (y / rate - 1) x, and
/// H_t = sum of d y / rate² x x', H = sum_t H_t: the covariance is (G - 1) / G H⁻¹ (sum_t U_t U_t') H⁻¹ with
/// U_t = (1 - H_t H⁻¹)⁻¹ S_t and G trials, which is what leaving out one trial after the other gives. A 95 % interval is
/// gain ± t gain_se, t of Student's distribution with G - 1 degrees of freedom (2.09 for 20 trials, 1.98 for 100).
/// Where trials are not known, blocks of a second take their place (of more where that would make over 400).
/// Undefined: nil for fewer than 8 trials with valid bins, and where the optimum lies on a boundary.
/// Source: Liang and Zeger 1986 for the sandwich; Bell and McCaffrey 2002 for the correction for few clusters (CR3).
package struct RobustErrors: Sendable {
  package var gain: Double
  package var offset: Double
  /// Trials that they rest on.
  package var trials: Int

  /// Fewest trials with valid bins of a cell.
  package static let fewestTrials = 8
  package static let tooFew = "too few trials for standard errors (fewest \(fewestTrials))"
  private static let mostBlocks = 400

  /// Errors of each cell of an affine calibration of the same predictions.
  ///
  /// - Throws: `Failure.interrupted`.
  package static func of(
    _ calibration: Calibration, _ predictions: Predictions, work: Work = .silent
  ) throws -> [RobustErrors?] {
    let width = predictions.cellCount
    let fits = calibration.cells.map { cell -> GainOffset? in
      // Without errors from the Fisher information the optimum lies on a boundary.
      guard cell.gainStandardError != nil, let gain = cell.gain, let offset = cell.offset else { return nil }
      return GainOffset(gain: gain, offset: offset)
    }
    guard fits.count == width, fits.contains(where: { $0 != nil }) else { return fits.map { _ in nil } }
    let clusters = rows(of: predictions)
    let sums = try Parallel.map(clusters.count, work: work) { Self.sums(predictions, rows: clusters[$0], fits) }
    return (0..<width).map { cell in
      guard fits[cell] != nil else { return nil }
      return RobustErrors(sums.compactMap { $0[cell].bins > 0 ? $0[cell] : nil })
    }
  }

  /// The rows of each trial.
  private static func rows(of predictions: Predictions) -> [[Int]] {
    let count = predictions.frameCount
    let second = predictions.rateHz.isFinite ? max(1, Int(min(predictions.rateHz.rounded(), 1e6))) : 120
    let length = max(second, (count + mostBlocks - 1) / mostBlocks)
    var places: [Int: Int] = [:]
    var rows: [[Int]] = []
    for row in 0..<count {
      let key = predictions.trials?[row] ?? row / length
      let place = places[key] ?? rows.count
      if place == rows.count {
        places[key] = place
        rows.append([])
      }
      rows[place].append(row)
    }
    return rows
  }

  /// Score and information of one cell in one trial.
  private struct Sums: Sendable {
    var bins = 0.0
    var score = (gain: 0.0, offset: 0.0)
    var information = (gg: 0.0, gb: 0.0, bb: 0.0)
  }

  private static func sums(_ predictions: Predictions, rows: [Int], _ fits: [GainOffset?]) -> [Sums] {
    let width = fits.count
    var sums = [Sums](repeating: Sums(), count: width)
    for row in rows {
      for cell in 0..<width {
        let index = row * width + cell
        let weight = Double(predictions.mask.values[index])
        guard weight > 0, let fit = fits[cell] else { continue }
        let rate = Double(predictions.rates.values[index])
        let count = Double(predictions.counts.values[index])
        sums[cell].bins += weight
        sums[cell].score.gain -= weight * rate
        sums[cell].score.offset -= weight
        guard count > 0 else { continue }
        let fitted = max(Calibration.smallestRate, fit.gain * rate + fit.offset)
        let share = weight * count / fitted
        sums[cell].score.gain += share * rate
        sums[cell].score.offset += share
        sums[cell].information.gg += share / fitted * rate * rate
        sums[cell].information.gb += share / fitted * rate
        sums[cell].information.bb += share / fitted
      }
    }
    return sums
  }

  private init?(_ trials: [Sums]) {
    guard trials.count >= Self.fewestTrials else { return nil }
    var whole = (gg: 0.0, gb: 0.0, bb: 0.0)
    for trial in trials {
      whole.gg += trial.information.gg
      whole.gb += trial.information.gb
      whole.bb += trial.information.bb
    }
    let determinant = whole.gg * whole.bb - whole.gb * whole.gb
    guard determinant > 1e-12 * whole.gg * whole.bb else { return nil }
    /// H⁻¹ v.
    func solved(_ v: (Double, Double)) -> (Double, Double) {
      (
        (whole.bb * v.0 - whole.gb * v.1) / determinant,
        (whole.gg * v.1 - whole.gb * v.0) / determinant
      )
    }
    var variance = (gain: 0.0, offset: 0.0)
    for trial in trials {
      // U = (1 - H_t H⁻¹)⁻¹ S, so that H⁻¹ U = (H - H_t)⁻¹ S: the change of the fit without this trial.
      let gg = whole.gg - trial.information.gg
      let gb = whole.gb - trial.information.gb
      let bb = whole.bb - trial.information.bb
      let left = gg * bb - gb * gb
      let change =
        left > 1e-9 * determinant
        ? (
          (bb * trial.score.gain - gb * trial.score.offset) / left,
          (gg * trial.score.offset - gb * trial.score.gain) / left
        )
        : solved((trial.score.gain, trial.score.offset))
      variance.gain += change.0 * change.0
      variance.offset += change.1 * change.1
    }
    let count = Double(trials.count)
    let (gain, offset) = (
      ((count - 1) / count * variance.gain).squareRoot(), ((count - 1) / count * variance.offset).squareRoot()
    )
    guard gain.isFinite, offset.isFinite else { return nil }
    self.gain = gain
    self.offset = offset
    self.trials = trials.count
  }
}
