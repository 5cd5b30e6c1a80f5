import Base
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
    for row in 0..<table.rowCount {
      let record = table.record(row)
      guard let raw = record["bits_per_spike"]?.number, let scale = record["lost_to_scale"]?.number,
        let offset = record["lost_to_offset"]?.number, let left = record["bits_per_spike_calibrated"]?.number
      else { continue }
      #expect(abs(raw + scale + offset - left) < 1e-12)
    }
    #expect(table["gain_se"]?.numbers?.contains { ($0 ?? 0) > 0 } == true)
  }

  @Test("With --statistics a row for each stimulus and statistic")
  func statistics() throws {
    let table = try Shell().table("gain twin on sim --split all --statistics")
    #expect(table.rowCount == 6)
    // Of the 36 trials of fixrsvp many show the same frames: these count as one.
    #expect(table["trials"]?.numbers == [8, 8, 8, 15, 15, 15])
    #expect(table["rho"]?.numbers?.allSatisfy { abs($0 ?? 2) <= 1 } == true)
  }
}
