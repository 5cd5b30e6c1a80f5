import Formats
import Foundation
import TestSupport
import Testing
import Twin

@Suite("Opening reads once")
struct OpeningOnceTests {
  /// What was parsed while `text` ran, and how often.
  private func parses(of text: String, in shell: Shell) throws -> [String: Int] {
    let count = ParseCount()
    try ParseCount.$current.withValue(count) { _ = try shell.run(text) }
    return count.all
  }

  @Test(
    "`open` parses each part of each file once",
    arguments: [
      // A checkpoint, its parent YAML and the YAML of its sessions.
      ("twin/twin.ckpt as t", ["twin.ckpt: zip directory", "twin.ckpt: data.pkl: pickle", ".yaml: YAML"]),
      // Stimuli, and YAML files that lie beside the folder.
      ("twin/Sim_2025-01-17 as s", ["gaborium.dset: data.pkl: pickle", "Sim_2025-01-17.yaml: YAML"]),
      ("twin/Sim_2025-01-17/gaborium.dset as s", ["gaborium.dset: data.pkl: pickle", "Sim_2025-01-17.yaml: YAML"]),
      // The parent is every recording's configuration.
      ("twin/multi_sim_120_all.yaml", ["multi_sim_120_all.yaml: YAML", "gaborium.dset: zip directory"]),
      ("caches/twin_dataset1_bps_cache.pt as c --session Sim_2025-01-17", ["bps_cache.pt: data.pkl: pickle"]),
      ("twin/Sim_2025-01-17/expected_gaborium.npz as p", ["expected_gaborium.npz: zip directory"]),
    ])
  func parsesOnce(text: String, parts: [String]) throws {
    let found = try parses(of: "open \(Fixtures.path(text))", in: Shell(opened: false))
    #expect(found.filter { $0.value != 1 } == [:])
    for part in parts { #expect(found.keys.contains { $0.contains(part) }, "\(part) is not among \(found.keys)") }
  }

  @Test("A file that `open` refuses is parsed once, too")
  func refusedOnce() throws {
    let shell = try Shell(opened: false)
    let count = ParseCount()
    let path = try shell.file("list.pkl", "(lp0\nI1\na.")
    let failure = try ParseCount.$current.withValue(count) { try shell.failure("open \(path)") }
    #expect(failure.message.contains("is not a checkpoint"))
    #expect(count.all == ["\(path): pickle at 0": 1])
  }

  @Test("A twin's layers are built once when it is opened, and once with values when it first answers")
  func layersOnce() throws {
    let shell = try Shell(opened: false)
    let layers = LayerCount()
    let checkpoint = Fixtures.path("twin/twin.ckpt")
    try shell.run("open \(Fixtures.path("twin/Sim_2025-01-17")) as sim")
    let count = ParseCount()
    try ParseCount.$current.withValue(count) {
      try LayerCount.$current.withValue(layers) {
        try shell.run("open \(checkpoint) as twin")
        #expect(layers.withoutValues == 1 && layers.withValues == 0)
        try shell.run("show twin")
        #expect(layers.withoutValues == 1 && layers.withValues == 0)
        try shell.run("eval twin on sim/gaborium")
        #expect(layers.withoutValues == 1 && layers.withValues == 1)
        // Another name and what is frozen make no other layers.
        try shell.run("freeze twin core; rename twin other; eval other on sim/gaborium --split train")
        #expect(layers.withoutValues == 1 && layers.withValues == 1)
      }
    }
    #expect(count.all.filter { $0.key.hasPrefix(checkpoint) }.values.sorted() == [1, 1])
  }

  @Test("Heads with overrides of their own are built once as well")
  func overriddenHeadsOnce() throws {
    let shell = try Shell(opened: false)
    let zoo = Fixtures.path("zoo/syn_baseline_relu_dsover")
    let layers = LayerCount()
    try LayerCount.$current.withValue(layers) {
      try shell.run("open \(zoo)/model.ckpt as twin --config \(zoo)/datasets.yaml")
      try shell.run("forward twin --head Zoo_2025-01-17 --input \(zoo)/io.npz --output \(shell.folder)/out.npz")
    }
    #expect(layers.withoutValues == 1 && layers.withValues == 1)
  }
}
