import Foundation
import TestSupport
import Testing

@Suite("The bytes of a recipe's output")
struct ByteStabilityTests {
  static let opening = """
    vcsh 1
    open checkpoints/twin.ckpt as twin
    open recordings/Sim_2025-01-17 as sim

    """
  static let results = """
    let cells = eval twin on sim/fixrsvp
    $cells
    $cells | summarize mean(r) ci(mean, bits_per_spike)
    $cells | plot r
    $cells | plot x=rate_hz y=r --kind heat
    calibrate twin on sim/fixrsvp | head 3
    neuron twin 3 on sim/fixrsvp
    check twin on sim
    ls
    sql "SELECT metric, count(DISTINCT cid) AS cells, avg(value) AS mean FROM metrics GROUP BY 1"
    status

    """
  static let recipe = opening + results
  /// The same in one mode of output after the other.
  static let modes = opening + ["table", "csv", "html"].map { "mode \($0)\n\(results)" }.joined()

  /// A workspace that holds the demo's files.
  static func fresh(_ recipe: String = recipe) throws -> String {
    let workspace = try Program.workspace()
    for part in ["checkpoints", "recordings", "runs"] {
      try FileManager.default.createSymbolicLink(
        atPath: workspace + "/" + part, withDestinationPath: Program.project + "/workspace-template/" + part)
    }
    try Data(recipe.utf8).write(to: URL(filePath: workspace + "/x.vc"))
    return workspace
  }

  @Test(
    "They are the same in fresh workspaces, whatever the locale, the terminal's name, the width and the threads",
    arguments: [([], modes), (["--json"], recipe)] as [([String], String)])
  func fresh(flags: [String], recipe: String) throws {
    let environments = [
      [:],
      [
        "LC_ALL": "C", "LANG": "C", "TERM": "dumb", "COLUMNS": "40", "LINES": "10", "NO_COLOR": "1", "TZ": "Asia/Tokyo",
        "OPENBLAS_NUM_THREADS": "1",
      ],
    ]
    let results = try environments.map {
      try Program.run(["-f", "x.vc"] + flags, folder: Self.fresh(recipe), environment: $0)
    }
    #expect(results.map(\.status) == [0, 0], "\(results[0].errors)")
    #expect(results[0].output.utf8.count > 2000)
    #expect(results[0].output == results[1].output)
    #expect(results[0].errors.isEmpty && results[1].errors.isEmpty)
  }

  @Test("In the same workspace, caches warm, they are the same but for what `open` finds unchanged; on one core, too")
  func again() throws {
    let workspace = try Self.fresh()
    let cold = try Program.run(["-f", "x.vc"], folder: workspace)
    let warm = try Program.shell("taskset -c 0 vcsh -f x.vc", folder: workspace)
    #expect(warm.status == 0)
    #expect(
      cold.output.replacing("opened", with: "unchanged").split { $0.isWhitespace }
        == warm.output.split { $0.isWhitespace })
    let again = try Program.run(["-f", "x.vc"], folder: workspace)
    #expect(again.output == warm.output)
  }
}
