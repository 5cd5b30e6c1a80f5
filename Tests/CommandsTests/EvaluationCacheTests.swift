import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Caches of VisionCore's evaluation")
struct EvaluationCacheTests {
  private func path(_ name: String) -> String { Fixtures.path("caches/twin_dataset1_\(name)_cache.pt") }

  @Test("Every stimulus that is there becomes predictions, with the session of the twin that the name tells")
  func opens() throws {
    let shell = try Shell()
    let table = try shell.table("open \(path("bps")) as c")
    #expect(
      (0..<4).map { table.record($0)["name"] } == [
        .string("c-gaborium"), .string("c-backimage"), .string("c-fixrsvp"), .null,
      ])
    #expect(table.record(3)["remark"]?.plainText.contains("placeholder") == true)
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz")).doubles("bps")
    let scores = try #require(try shell.table("eval c-fixrsvp")["bits_per_spike"]?.numbers)
    for (score, expected) in zip(scores, expected) { #expect(abs(try #require(score) - expected) < 2e-6) }
  }

  @Test("Opened rates are joined with a twin's own by session and cid")
  func joins() throws {
    let shell = try Shell()
    try shell.run("open \(path("bps")) as c")
    let table = try shell.table("compare c-fixrsvp twin on sim/fixrsvp --split all --mixed")
    #expect(table["cells"]?.numbers == [16])
    #expect(abs(try #require(table["difference"]?.numbers?[0] ?? nil)) < 0.05)
  }

  @Test("Rates that were rescaled on the scored bins are called so")
  func rescaled() throws {
    let shell = try Shell()
    let table = try shell.table("open \(path("bps_rescaled")) as c")
    for row in 0..<3 { #expect(table.record(row)["remark"]?.plainText.contains("fitted on the bins") == true) }
  }

  @Test("Repeats of a ccnorm cache give VisionCore's numbers, with seeded halves")
  func repeats() throws {
    let shell = try Shell()
    try shell.run("open \(path("ccnorm")) as c")
    let expected = try NpzArchive(path: Fixtures.path("twin/Sim_2025-01-17/expected_fixrsvp.npz"))
    let table = try shell.table("eval c --metrics cc_norm_split --min-trials 20 --seed 0")
    for (score, expected) in zip(
      try #require(table["cc_norm_split"]?.numbers), try expected.doubles("ccnorm_seed0"))
    {
      #expect(score.map { abs($0 - expected) < 1e-6 } ?? expected.isNaN)
    }
  }

  @Test("Receptive fields open as a table", .enabled(if: Fixtures.hasShared))
  func receptiveFields() throws {
    let shell = try Shell()
    let table = try shell.table("open \(Fixtures.shared("caches/twin/twin_dataset1_sta_cache.pt")) as rf")
    #expect(table.rowCount == 16)
    #expect(table.names.contains("peak_lag") && table.names.contains("center_robs_y"))
    #expect(try shell.names().contains("rf"))
  }

  @Test("A cache of saccades is refused with the file to open instead", .enabled(if: Fixtures.hasShared))
  func saccades() throws {
    let failure = try Shell().failure("open \(Fixtures.shared("caches/twin/twin_dataset1_saccade_cache.pt"))")
    #expect(failure.hint?.contains("bps cache") == true)
  }
}
