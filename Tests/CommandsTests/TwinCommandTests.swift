import Base
import Formats
import Foundation
import TestSupport
import Testing
import Workspace

@Suite("Checking, drawing and comparing twins")
struct TwinCommandTests {
  /// A version of the twin with these tensors instead of or beside the checkpoint's.
  private func overlay(_ tensors: [String: Tensor], as name: String, in shell: Shell) throws {
    let workspace = shell.session.workspace
    guard var payload = try workspace.lookup("twin")?.payload as? TwinPayload else {
      throw Failure(.missing, "no twin in the test's workspace")
    }
    payload.overlay = try workspace.objects.putFile { path in
      try NpzWriter.write(tensors.sorted { $0.key < $1.key }.map { NamedArray($0.key, $0.value) }, to: path)
    }
    var changes = Changes()
    changes.versions.append(.init(payload, name: name))
    _ = try workspace.commit(changes, entry: try #require(try workspace.history(limit: 1).first?.id))
  }

  private func rows(_ table: Table, _ column: String) -> [String?] {
    guard case .string(let values)? = table[column]?.values else { return [] }
    return values
  }

  // MARK: check

  @Test("A twin that fits its recording has no error, and the command is done")
  func fits() throws {
    let shell = try Shell()
    let table = try shell.table("check twin on sim")
    #expect(!rows(table, "severity").contains("error"))
    #expect(shell.check("check twin on sim") == nil)
  }

  @Test("Options that VisionCore passes over are warnings")
  func ineffective() throws {
    let table = try Shell().table("check twin | where severity == 'warning'")
    #expect(rows(table, "layer").contains("frontend.params.init_type"))
  }

  @Test("An input that is too short names the layer, its shapes and the remedy, and fails the check")
  func tooShort() throws {
    let shell = try Shell()
    let table = try shell.table("check twin --input 5x25x25 | where severity == 'error'")
    #expect(rows(table, "layer") == ["frontend.temporal_conv.conv"])
    #expect(rows(table, "shapes") == ["1x5x21x21"])
    #expect(rows(table, "remedy") == ["it needs at least 13 lags: the input has 5"])
    let failure = try #require(shell.check("check twin --input 5x25x25"))
    #expect(failure.kind == .assertion)
    #expect(failure.exitStatus == 3)
    #expect(shell.check("let found = check twin --input 5x25x25") == nil, "taken, not failed")
    #expect(shell.check("check twin --input 13x25x25") == nil)
  }

  @Test("NaN in a tensor that is read is an error, in a dead one a warning")
  func notFinite() throws {
    let shell = try Shell()
    let dead = "convnet.stem.components.conv.conv.parametrizations.weight.original"
    var original = Tensor(zeros: [4, 4, 1, 5, 5])
    original.values[7] = .infinity
    try overlay(
      ["readouts.0.theta": Tensor(shape: [24], values: [.nan] + [Float](repeating: 0, count: 23)), dead: original],
      as: "odd", in: shell)
    let table = try shell.table("check odd | where contains(problem, 'NaN')")
    #expect(rows(table, "severity") == ["error", "warning"])
    #expect(rows(table, "layer") == ["readouts.0.theta", dead])
    #expect(rows(table, "problem").first == "1 of 24 values are NaN or infinite")
    let statistics = try shell.table("params odd readouts.0.theta")
    #expect(statistics["not_finite"]?.values == .int([1]))
    #expect(statistics["zeros"]?.values == .double([23.0 / 24]))
  }

  @Test("A tensor that no layer reads is a warning with the name that was probably meant")
  func unexpected() throws {
    let shell = try Shell()
    try overlay(["readouts.0.thetas": Tensor(zeros: [24])], as: "odd", in: shell)
    let table = try shell.table("check odd | where layer == 'readouts.0.thetas'")
    #expect(rows(table, "severity") == ["warning"])
    #expect(rows(table, "remedy") == ["the nearest that is read: `readouts.0.theta`"])
  }

  @Test("A head without the recording's session, and one with other cells, are errors")
  func heads() throws {
    let shell = try Shell()
    let none = try shell.table("check twin on nova | where severity == 'error'")
    #expect(rows(none, "part") == ["heads"])
    let other = try shell.table("check twin on nova --head 0 | where severity == 'error'")
    #expect(rows(other, "problem") == ["Nova_2025-02-03: the recording has 12 cells, head 0 has 24"])
  }

  @Test("A head of another kind than the configuration says is named with its tensor")
  func otherKind() throws {
    let shell = try Shell(opened: false)
    try shell.run("open \(Fixtures.path("zoo/syn_baseline_relu_dsover/model.ckpt")) as half")
    let table = try shell.table("check half | where severity == 'error'")
    #expect(rows(table, "layer") == ["adapters.1.log_scale"])
    let params = try shell.table("params half adapters.1")
    #expect(params.rowCount > 0 && rows(params, "status").allSatisfy { $0 == "unknown" })
  }

  @Test("Another rate, a misspelt option and a missing list of lags are found before anything runs")
  func recordings() throws {
    let shell = try Shell()
    let yaml = shell.folder + "/odd.yaml"
    let text = """
      session: Sim_2025-01-17
      cids: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 14]
      sampling: {source_rate: 120, target_rate: 60}
      datafilters:
        dfs: {ops: [{missing_pct: {theshold: 20}}], expose_as: dfs}
      """
    try Data(text.utf8).write(to: URL(filePath: yaml))
    try shell.run("open \(Shell.template)/recordings/Sim_2025-01-17 as odd --config \(yaml)")
    let failure = try #require(shell.check("check twin on odd/gaborium"))
    #expect(failure.message.contains("120.0 frames a second"))
    let table = try shell.table("check twin on odd/gaborium")
    let problems = rows(table, "problem").compactMap(\.self)
    #expect(problems.contains { $0.contains("the cids disagree: the same ids in another order") })
    #expect(problems.contains { $0.contains("no lags") })
    #expect(problems.contains { $0.contains("theshold") })
  }

  @Test("What a twin needs beside a stimulus is told; on a recording that lacks it, it is an error")
  func needs() throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.path("zoo/syn_v1_single_film")
    try shell.run("open \(folder)/model.ckpt as film --config \(folder)/datasets.yaml")
    let table = try shell.table("check film | where part == 'modulator'")
    #expect(rows(table, "problem").contains("needs 3 columns of behaviour with every window"))
    #expect(shell.check("check film") == nil)
    try shell.run("open \(Shell.template)/recordings/Sim_2025-01-17 as sim; open \(folder)/model.ckpt as bare")
    let onSim = try shell.table("check bare on sim/gaborium | where severity == 'error'")
    #expect(rows(onSim, "part") == ["modulator", "heads"])
  }

  @Test("A checkpoint that is gone is a finding")
  func gone() throws {
    let shell = try Shell(opened: false)
    let path = shell.folder + "/twin.ckpt"
    try FileManager.default.copyItem(atPath: Shell.template + "/checkpoints/twin.ckpt", toPath: path)
    try shell.run("open \(path) as twin")
    try FileManager.default.removeItem(atPath: path)
    let table = try shell.table("check twin")
    #expect(rows(table, "severity") == ["error"])
    #expect(rows(table, "part") == ["checkpoint"])
  }

  @Test("A configuration that can never run says so")
  func neverRuns() throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.path("zoo/cones_res_small_gru_optimized")
    try shell.run("open \(folder)/model.ckpt as cones --config \(folder)/datasets.yaml")
    let table = try shell.table("check cones | where severity == 'error'")
    #expect(rows(table, "layer") == ["convnet.layers.0"])
    #expect(rows(table, "remedy").first??.contains("the configuration itself is at fault") == true)
    #expect(try shell.report("tree cones").sections.first?.body == .lines(["no input works: `check cones` says why"]))
  }

  // MARK: tree and params

  @Test("The tree is the one that show draws; depth cuts it; the parts add up to all values")
  func tree() throws {
    let shell = try Shell()
    let tree = try shell.report("tree twin")
    let shown = try shell.report("show twin")
    #expect(shown.sections.last == tree.sections.first)
    let cut = try shell.report("tree twin --depth 1")
    guard case .lines(let lines)? = cut.sections.first?.body else { throw Failure(.mismatch, "no lines") }
    #expect(lines.count == 6, "the twin, adapters, frontend, convnet, recurrent, readouts")
    guard case .table(let parts)? = tree.sections.last?.body else { throw Failure(.mismatch, "no table") }
    #expect(parts["values"]?.numbers?.compactMap(\.self).reduce(0, +) == 69733)
    for row in 0..<parts.rowCount {
      let counts = ["used", "fixed", "dead"].compactMap { parts[$0]?[row].number }
      #expect(parts["values"]?[row].number == counts.reduce(0, +))
    }
  }

  @Test("Statistics are numpy's in float64, the type is the stored one")
  func statistics() throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.path("zoo/ser_bfloat16")
    try shell.run("open \(folder)/model.ckpt as half --config \(folder)/datasets.yaml")
    let table = try shell.table("params half readouts.0.std")
    #expect(rows(table, "dtype") == ["bfloat16"])
    #expect(rows(table, "shape") == ["5x2"])
    // From torch: tensor.double() with numpy's norm, mean and std.
    for (column, expected) in [("norm", 5.200650746635133), ("mean", 1.577734375), ("sd", 0.46414551682744454)] {
      #expect(abs((table[column]?[0].number ?? .nan) - expected) < 1e-12, "\(column)")
    }
  }

  @Test("A part, a plural and a pattern choose tensors; one that fits nothing is refused with a suggestion")
  func patterns() throws {
    let shell = try Shell()
    #expect(try shell.table("params twin recurrent").rowCount == 6)
    #expect(try shell.table("params twin readouts").rowCount == 10)
    #expect(try shell.table("params twin 'readouts.*.std' adapters").rowCount == 6)
    #expect(try shell.failure("params twin recurent").hint == "did you mean `recurrent`?")
    #expect(try shell.failure("params twn").hint == "did you mean `twin`?")
  }

  // MARK: diff

  @Test("A changed tensor is found with its distances, all else is identical")
  func changed() throws {
    let shell = try Shell()
    let before = try Checkpoint(path: Shell.template + "/checkpoints/twin.ckpt").tensor("readouts.1.bias")
    var after = before
    after.values[3] += 0.5
    try overlay(["readouts.1.bias": after, "readouts.0.extra": Tensor(zeros: [2])], as: "moved", in: shell)
    let table = try shell.table("diff twin moved --tensors | where status != 'identical'")
    #expect(rows(table, "name") == ["readouts.1.bias", "readouts.0.extra"])
    #expect(rows(table, "status") == ["changed", "only in b"])
    #expect(rows(table, "session") == ["Sim_2025-01-17", "Sim_2025-01-10"])
    #expect(table["changed"]?.values == .int([1, nil]))
    let norm = before.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let step = Double(after.values[3]) - Double(before.values[3])
    #expect(abs((table["relative_l2"]?[0].number ?? .nan) - step / norm) < 1e-12)
    #expect(table["max_abs"]?[0].number == step)
    #expect(rows(table, "reason") == [nil, "in one of them only"])
    let parts = try shell.table("diff twin moved --parts | where changed > 0")
    #expect(rows(parts, "part") == ["readout"])
  }

  @Test("A session's head is found wherever it stands, and the configuration says what is new")
  func sessions() throws {
    let shell = try Shell()
    let yaml = shell.folder + "/swapped.yaml"
    try Data("- session: Sim_2025-01-17\n- session: Other\n".utf8).write(to: URL(filePath: yaml))
    // The same file under other names: its head 0 is called after the other one's session.
    try shell.run("open \(Shell.template)/checkpoints/twin.ckpt as swapped --config \(yaml)")
    let table = try shell.table("diff twin swapped --tensors | where session == 'Sim_2025-01-17'")
    #expect(rows(table, "name").contains("readouts.1.mean"))
    #expect(rows(table, "name_b").contains("readouts.0.mean"))
    #expect(rows(table, "status").contains("reshaped"), "24 cells against 16")
    let options = try shell.table("diff twin swapped --configuration")
    #expect(rows(options, "path").contains("heads.Sim_2025-01-17.cells"))
  }

  @Test("A twin does not differ from itself")
  func itself() throws {
    let shell = try Shell()
    #expect(try shell.table("diff twin twin --configuration").rowCount == 0)
    #expect(rows(try shell.table("diff twin twin --tensors | where max_abs > 0"), "name").isEmpty)
    #expect(rows(try shell.table("diff twin twin --tensors"), "status").allSatisfy { $0 == "identical" })
    #expect(try shell.failure("diff twin twin --tensors --parts").kind == .usage)
  }

  @Test(
    "Two epochs of one training differ in weights alone",
    .enabled(if: FileManager.default.fileExists(atPath: Fixtures.shared("twin/twin_early.ckpt"))))
  func epochs() throws {
    let shell = try Shell()
    try shell.run("open \(Fixtures.shared("twin/twin_early.ckpt")) as early")
    #expect(try shell.table("diff early twin --configuration").rowCount == 0)
    let parts = try shell.table("diff early twin --parts")
    #expect(parts["changed"]?.numbers?.allSatisfy { ($0 ?? 0) > 0 } == true)
    #expect(parts["only_a"]?.numbers?.allSatisfy { $0 == 0 } == true)
    // `original` under weight norm and the frozen gains never move.
    let still = try shell.table("diff early twin --tensors | where status == 'identical'")
    let dead = try shell.table("params twin | where status != 'used'")
    #expect(still.rowCount > 0)
    #expect(Set(rows(still, "name")).isSubset(of: Set(rows(dead, "name"))))
  }
}
