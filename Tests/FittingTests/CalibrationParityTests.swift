import Base
import Fitting
import Formats
import Foundation
import TestSupport
import Testing

/// Against the optimum that a bounded quasi-Newton method found for the fixtures' twin, over gain >= 0, offset >= 0.
@Suite struct CalibrationParityTests {
  static let stimuli = ["backimage", "gaborium", "fixrsvp"]

  @Test("Never worse than the reference optimum", arguments: stimuli) func neverWorseThanTheReferenceOptimum(
    stimulus: String
  ) throws {
    try compare(Fixtures.path("twin/Sim_2025-01-17/expected_\(stimulus).npz"))
  }

  @Test(
    "Never worse than the reference optimum on the other session", .enabled(if: Fixtures.hasShared), arguments: stimuli)
  func neverWorseThanTheReferenceOptimumOnTheOtherSession(stimulus: String) throws {
    try compare(Fixtures.shared("twin/Sim_2025-01-10/expected_\(stimulus).npz"))
  }

  private func compare(_ path: String) throws {
    let archive = try NpzArchive(path: path)
    let predictions = try Self.predictions(archive)
    let reference = try archive.doubles("opt_affine_nll")
    let gain = try archive.doubles("opt_affine_g")
    let offset = try archive.doubles("opt_affine_b")
    let raw = try archive.doubles("bps")
    let gained = try archive.doubles("gain_f64_bps")
    let affine = try archive.doubles("opt_affine_bps")
    let calibration = try Calibrator.calibrate(predictions, mode: .affine, inSample: true)
    try #require(!reference.isEmpty && calibration.cells.count == reference.count)
    var compared = 0
    for (index, cell) in calibration.cells.enumerated() {
      let nll = try #require(cell.nllCalibrated)
      #expect(nll <= reference[index] + 1e-6, "cell \(cell.cid)")
      #expect(cell.converged == true)
      #expect(abs(try #require(cell.bitsPerSpike) - raw[index]) < 1e-4)
      #expect(abs(try #require(cell.bitsPerSpikeGain) - gained[index]) < 1e-5)
      // Where the offset is positive the two problems have one optimum, which the reference found to 1e-6 or so.
      let found = try #require(cell.offset)
      if found > 1e-4, offset[index] > 1e-4 {
        compared += 1
        #expect(abs(try #require(cell.gain) - gain[index]) < 2e-3 * max(1, gain[index]))
        #expect(abs(found - offset[index]) < 2e-4)
        #expect(abs(try #require(cell.bitsPerSpikeCalibrated) - affine[index]) < 1e-5)
      }
    }
    // The reference has at least 11 cells with an offset above 1e-3 for every stimulus.
    #expect(compared >= 10)
  }

  @Test("Global gain is the reference's global gain") func globalGainIsTheReferencesGlobalGain() throws {
    let archive = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_gaborium.npz"))
    let calibration = try Calibrator.calibrate(try Self.predictions(archive), mode: .globalGain, inSample: true)
    let reference = try archive.doubles("globalgain_f64_exp_g")[0]
    #expect(abs(try #require(calibration.shared).gain - reference) < 1e-6 * reference)
  }

  @Test("Global affine is never worse than the reference's") func globalAffineIsNeverWorseThanTheReferences() throws {
    let archive = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_gaborium.npz"))
    let predictions = try Self.predictions(archive)
    let calibration = try Calibrator.calibrate(predictions, mode: .globalAffine, inSample: true)
    let bins = (0..<predictions.cellCount).map { Double(predictions.mask.column($0).reduce(0, +)) }
    var loss = 0.0
    for (cell, bins) in zip(calibration.cells, bins) { loss += try #require(cell.nllCalibrated) * bins }
    #expect(loss / bins.reduce(0, +) <= (try archive.doubles("globalaffine_f64_obj")[0]) + 1e-8)
  }

  static func predictions(_ archive: NpzArchive) throws -> Predictions {
    let rates = try archive.tensor("rhat")
    return Predictions(
      cids: Array(0..<rates.shape[1]), frames: try archive.integers("idx"), rates: rates,
      counts: try archive.tensor("robs"), mask: try archive.tensor("dfs"), rateHz: 120)
  }
}
