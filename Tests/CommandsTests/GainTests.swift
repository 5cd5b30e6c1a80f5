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
    for record in (0..<table.rowCount).map(table.record) where record["reason"] == .null {
      let before = try ["bits_per_spike", "lost_to_scale", "lost_to_offset"].map { try #require(record[$0]?.number) }
      #expect(try abs(before.reduce(0, +) - #require(record["bits_per_spike_calibrated"]?.number)) < 1e-12)
    }
    #expect((0..<table.rowCount).contains { table.record($0)["reason"] == .null })
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
