import Base
import Formats
import Foundation
import Grids
import TestSupport
import Testing

@Suite("Grids of runs")
struct GridTests {
  static let model = """
    frontend: {type: learnable_temporal, params: {kernel_size: 12}}
    convnet:
      type: resnet
      params:
        block_configs:
        - {norm_type: grn, dropout: 0.0}
        - {norm_type: rms, dropout: 0.0}
    """
  static let data = """
    types: [backimage]
    sessions: [A_1, B_2, C_3]
    sampling: {target_rate: 120}
    """

  static func base(_ training: String = "{learning_rate: 0.001, max_epochs: 10}") throws -> RunConfiguration {
    func node(_ text: String) throws -> ConfigNode { try YAMLDocument.parse(text: text, name: "test") }
    return RunConfiguration(model: try node(model), data: try node(data), training: try node(training))
  }

  static func grid(_ axes: [String], seeds: Int? = nil, base: RunConfiguration? = nil) throws -> Grid {
    let base = try base ?? Self.base()
    var maker = AxisMaker(base) { _ in ["A_1": [1, 2]] }
    return try Grid(base: GridBase(base, files: []), axes: maker.axes(axes, seeds: seeds))
  }

  private func failure(_ axes: [String]) -> Failure? {
    do { _ = try Self.grid(axes) } catch { return error as? Failure }
    return nil
  }

  @Test("A grid has every combination of values; its runs' names sort in its order and contain the values")
  func combinations() throws {
    let grid = try Self.grid(["convnet.params.block_configs.0.norm_type=grn,rms", "learning_rate=1e-3,0.01"], seeds: 2)
    #expect(grid.runs.count == 8)
    #expect(grid.runs.map(\.name) == grid.runs.map(\.name).sorted())
    #expect(grid.runs[0].name == "r001_norm_type-grn_learning_rate-1e-3_seed-0")
    #expect(grid.runs[7].name == "r008_norm_type-rms_learning_rate-0.01_seed-1")
    #expect(grid.table.names == ["run", "norm_type", "learning_rate", "seed"])
    #expect(grid.table["learning_rate"]?.numbers?.first == 0.001)
  }

  @Test("A value that is written in two ways would make equal runs, and is refused") func oneValueTwice() {
    for axis in ["learning_rate=0.01,1e-2", "max_epochs=10,10.0", "seed=1,01"] {
      #expect(failure([axis])?.message.contains("has one value twice") == true, "\(axis)")
    }
    #expect(failure(["learning_rate=0.01,0.02"]) == nil)
  }

  @Test("Each run's configuration differs from the base in its axes alone")
  func configurations() throws {
    let base = try Self.base()
    let grid = try Self.grid([
      "convnet.params.block_configs.1.norm_type=layer", "sampling.target_rate=240", "batch_size=64",
    ])
    let run = try grid.configuration(of: grid.runs[0], base: base)
    #expect(run.model.at("convnet.params.block_configs.1.norm_type") == .string("layer"))
    #expect(run.model.at("convnet.params.block_configs.0.norm_type") == .string("grn"))
    #expect(run.data.at("sampling.target_rate") == .int(240))
    #expect(run.training["batch_size"] == .int(64))
    // Without the axes, what is left is the base.
    let path = ["convnet", "params", "block_configs", "1", "norm_type"]
    #expect(try run.model.setting(path, to: .string("rms")) == base.model)
    #expect(try run.data.setting(["sampling", "target_rate"], to: .int(120)) == base.data)
    #expect(run.training.mapValue?.filter { $0.key != "batch_size" } == base.training.mapValue)
  }

  @Test("Axes whose paths end alike are labelled with more of the path")
  func labels() throws {
    let grid = try Self.grid([
      "convnet.params.block_configs.0.norm_type=grn", "convnet.params.block_configs.1.norm_type=rms",
    ])
    #expect(grid.axes.map(\.label) == ["at_0_norm_type", "at_1_norm_type"])
    // One path is the end of another, or the name of a column that every grid has.
    var base = try Self.base("{hours: 3, run: 4}")
    base.data = try base.data.setting(["seed"], to: .int(1002))
    let others = try Self.grid(["data.seed=1,2", "seed=3", "hours=1,2", "run=7"], base: base)
    #expect(others.axes.map(\.label) == ["data_seed", "seed", "axis_hours", "axis_run"])
    #expect(others.table.names == ["run", "data_seed", "seed", "axis_hours", "axis_run"])
  }

  @Test("Sessions are taken together, each alone, or all but one")
  func sessions() throws {
    let base = try Self.base()
    let grid = try Self.grid(["sessions=all,single,leave-one-out,[A_1, B_2]"])
    #expect(
      grid.axes[0].levels.map(\.label)
        == ["all", "A_1", "B_2", "C_3", "without-A_1", "without-B_2", "without-C_3", "A_1+B_2"])
    let left = try grid.configuration(of: grid.runs[4], base: base)
    #expect(left.data["sessions"] == .list([.string("B_2"), .string("C_3")]))
    #expect(failure(["sessions=A_2"])?.hint == "did you mean `A_1`?")
  }

  @Test("Cells restrict the ids in the sessions' own files")
  func cells() throws {
    var base = try Self.base()
    base.sessions = [.init("A_1", .map([.init("cids", .list([.int(0), .int(1), .int(2)]))]))]
    let grid = try Self.grid(["cells=all,bits > 0.1"], base: base)
    let runs = try grid.runs.map { try grid.configuration(of: $0, base: base).sessions[0].value["cids"]?.intList }
    #expect(runs == [[0, 1, 2], [1, 2]])
  }

  @Test(
    "A path that leads nowhere is an error with the likely one",
    arguments: [
      ("convnet.params.block_configs.0.norm_typ=grn", "did you mean `convnet.params.block_configs.0.norm_type`?"),
      ("learning_rat=1", "did you mean `learning_rate`?"),
      ("convnet.parms.x=1", "did you mean `params`?"),
      ("convnet.params.block_configs.7.norm_type=grn", "positions go from 0 to 1"),
      ("learning_rate", "write PATH=V1,V2: learning_rate=1e-3,3e-3"),
      ("learning_rate=1,1", "give each value once"),
    ])
  func wrongPaths(_ axis: String, _ hint: String) { #expect(failure([axis])?.hint == hint) }

  @Test("More runs than a grid holds are refused before they are made")
  func tooMany() {
    let values = (1...200).map { "\($0)" }.joined(separator: ",")
    let failure = failure(["batch_size=\(values)", "warmup_epochs=\(values)"])
    #expect(failure?.message == "the grid has more than 10000 runs")
  }

  @Test("New values of an axis add runs with numbers that were never used")
  func extending() throws {
    var grid = try Self.grid(["learning_rate=0.1,0.2"], seeds: 2)
    grid.keep([true, true, true, false])
    var maker = AxisMaker(try Self.base()) { _ in [:] }
    #expect(try grid.extend(maker.axes(["learning_rate=0.2,0.3"], seeds: nil)) == 2)
    #expect(grid.runs.map { $0.name.prefix(4) } == ["r001", "r002", "r003", "r005", "r006"])
    #expect(try grid.extend(maker.axes([], seeds: 3)) == 3)
    let failure = #expect(throws: Failure.self) { try grid.extend(maker.axes(["batch_size=3"], seeds: nil)) }
    #expect(failure?.message == "the grid has no axis `batch_size`")
  }

  @Test("Configurations are equal whatever the order of keys and the form of numbers")
  func digests() throws {
    let a = try Self.base("{learning_rate: 0.001, max_epochs: 10}")
    let b = try Self.base("{max_epochs: 10.0, learning_rate: 1.0e-3}")
    let c = try Self.base("{max_epochs: 10, learning_rate: 2.0e-3}")
    #expect(try a.digest == b.digest)
    #expect(try a.digest != c.digest)
  }

  @Test("The YAML that is written reads back as the same tree, and marks what only vcsh knows")
  func yaml() throws {
    var base = try Self.base(
      "{learning_rate: 1.0e-05, seed: 3, tag: 'yes', note: '1e-5', empty: [], deep: [[1, 2], {a: b}]}")
    base.model = try base.model.setting(
      ["convnet", "params", "block_configs", "1", "norm_type"], to: .string("lrn_channel")
    )
    .setting(["frontend", "params", "tap_mask"], to: .int(2))
    for part in RunConfiguration.Part.allCases {
      let text = try base.yaml(part, heading: ["a run"])
      #expect(try YAMLDocument.parse(text: text, name: "written") == base[part], "\(text)")
    }
    let lines = try base.yaml(.model, heading: []).split(separator: "\n")
    #expect(lines.contains { $0.hasSuffix("tap_mask: 2  # only vcsh knows this") })
    #expect(lines.contains { $0.hasSuffix("norm_type: lrn_channel  # only vcsh knows this") })
    #expect(lines.count { $0.contains("only vcsh") } == 2)
    let training = try base.yaml(.training, heading: [])
    #expect(training.contains("seed: 3  # only vcsh knows this"))
    #expect(!training.split(separator: "\n")[0].contains("only vcsh"))
  }

  @Test("A grid encoded as JSON is decoded unchanged")
  func coding() throws {
    let grid = try Self.grid(["learning_rate=0.1,0.2", "sessions=all,single"], seeds: 2)
    let data = try JSONEncoder().encode(grid)
    #expect(try JSONDecoder().decode(Grid.self, from: data) == grid)
  }

  @Test("A folder has YAML for each run and one CSV, and is not written over other files")
  func folder() throws {
    let folder = try Fixtures.temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let grid = try Self.grid(["learning_rate=0.1,0.2"])
    let written = try GridFolder.write(grid, named: "g", to: folder + "/out")
    #expect(written.written.count == 7)
    let settings = try YAMLDocument.read(path: written.runs[1].settings)
    #expect(settings["learning_rate"] == .double(0.2))
    #expect(try YAMLDocument.read(path: try #require(settings["model_config"]?.stringValue)) == Self.base().model)
    let table = try SeparatedTableReader.table(path: folder + "/out/runs.csv", isTabbed: false)
    #expect(table["learning_rate"]?.numbers == [0.1, 0.2])
    #expect(table["max_epochs"]?.numbers == [10, 10])
    // Again over itself, and not over what is not a grid.
    _ = try GridFolder.write(grid, named: "g", to: folder + "/out")
    let failure = #expect(throws: Failure.self) { try GridFolder.write(grid, named: "g", to: folder) }
    #expect(failure?.message == "\(folder) holds other files: a grid is written into an empty folder")
  }
}
