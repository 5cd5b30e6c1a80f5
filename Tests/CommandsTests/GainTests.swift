import Base
import Formats
import TestSupport
import Testing

@Suite("Gain per stimulus")
struct GainTests {
  @Test("Every stimulus has the numbers of calibrate, and losses that add up")
  func cells() throws {
    let shell = try Shell()
    let table = try shell.table("gain twin on sim --split all | where stimulus == 'gaborium'")
    let calibration = try shell.table("calibrate twin on sim/gaborium --split all")
    for name in ["cid", "gain", "offset", "bits_per_spike", "bits_per_spike_calibrated"] {
      #expect(table[name]?.numbers == calibration[name]?.numbers, "\(name)")
    }
    for record in (0..<table.rowCount).map(table.record) where record["reason"] == .null {
      let before = try ["bits_per_spike", "lost_to_scale", "lost_to_offset"].map { try #require(record[$0]?.number) }
      #expect(try abs(before.reduce(0, +) - #require(record["bits_per_spike_calibrated"]?.number)) < 1e-12)
    }
    #expect((0..<table.rowCount).contains { table.record($0)["reason"] == .null })
    // A gain that ended at its limit has no error, every other one has.
    for (gain, error) in zip(try table.known("gain"), try table.numbers("gain_se")) {
      #expect(gain == 0 ? error == nil : (error ?? 0) > 0)
    }
  }

  @Test(
    "With --statistics a row for each stimulus and statistic: rho is the rank correlation of gains and pixels over trials"
  )
  func statistics() throws {
    let shell = try Shell()
    let table = try shell.table("gain twin on sim --split all --statistics")
    #expect(table.rowCount == 6)
    // Of the 36 trials of fixrsvp many show the same frames: these count as one.
    #expect(table["trials"]?.numbers == [8, 8, 8, 15, 15, 15])
    let rho = try table.known("rho")
    let values = try table.known("value")

    // By hand for gaborium: all spikes of a trial over all its calibrated rates, beside the pixels of its frames.
    let fit = try shell.table("calibrate twin on sim/gaborium --split all")
    let (gain, offset) = (try fit.known("gain"), try fit.known("offset"))
    let file = shell.folder + "/p.npz"
    try shell.run("predict twin on sim/gaborium --split all as p; export p \(file)")
    let archive = try NpzArchive(path: file)
    let (rates, counts, mask) = (try archive.tensor("rhat"), try archive.tensor("robs"), try archive.tensor("dfs"))
    let (frames, trials) = (try archive.integers("idx"), try archive.integers("trial"))
    let data = try DictDataset(path: Shell.template + "/recordings/Sim_2025-01-17/gaborium.dset")
    var gains: [Double] = []
    var means: [Double] = []
    var contrasts: [Double] = []
    for trial in Set(trials).sorted() {
      var (observed, predicted, mean, contrast) = (0.0, 0.0, 0.0, 0.0)
      let rows = trials.indices.filter { trials[$0] == trial }
      for row in rows {
        for cell in 0..<16 where mask.values[row * 16 + cell] > 0 {
          observed += Double(counts.values[row * 16 + cell])
          predicted += gain[cell] * Double(rates.values[row * 16 + cell]) + offset[cell]
        }
        let pixels = try data.tensor("stim", rows: frames[row]..<frames[row] + 1).values
          .map { (Double($0) - 127) / 255 }
        let center = pixels.reduce(0, +) / Double(pixels.count)
        mean += center
        contrast += (pixels.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(pixels.count)).squareRoot()
      }
      gains.append(observed / predicted)
      means.append(mean / Double(rows.count))
      contrasts.append(contrast / Double(rows.count))
    }
    #expect(gains.count == 15)
    for (row, statistic) in [(3, contrasts), (4, means)] {
      #expect(abs(values[row] - statistic.reduce(0, +) / 15) < 1e-5)
      #expect(abs(rho[row] - rankCorrelation(statistic, gains)) < 1e-9)
    }
  }

  /// Spearman's, of values that all differ.
  private func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
    func ranks(_ values: [Double]) -> [Double] { values.map { value in Double(values.count { $0 < value }) } }
    let squares = zip(ranks(a), ranks(b)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let count = Double(a.count)
    return 1 - 6 * squares / (count * (count * count - 1))
  }
}
