import Base
import Formats
import Foundation
import TestSupport
import Testing

@Suite("Editing a twin's configuration, penalties and experiments")
struct EditCommandTests {
  @Test("An edit makes a new version that predicts otherwise; the twin stays, and undo takes the edit back")
  func edit() throws {
    let shell = try Shell()
    let before = try shell.table("eval twin on sim/gaborium")
    let table = try shell.table("edit twin as late --set frontend.params.lag_mask=2 --replace")
    #expect(table["option"]?.values == .string(["frontend.params.lag_mask"]))
    #expect(table["after"]?.values == .string(["2"]))
    #expect(try shell.table("eval late on sim/gaborium").columns != before.columns)
    #expect(try shell.table("eval twin on sim/gaborium") == before)
    let lags = try shell.table("temporal late on sim/gaborium --windows 4 --by lag | where cid == 3")
    let weights = try #require(lags["sensitivity"]?.numbers)
    #expect(weights.prefix(2).allSatisfy { $0 == 0 } && weights.dropFirst(2).contains { $0 != 0 })
    try shell.run("edit late as both --set frontend.params.tap_mask=3 frontend.params.zero_sum=mean")
    let difference = try shell.table("diff twin both --configuration")
    #expect(
      difference["path"]?.values
        == .string(["frontend.params.lag_mask", "frontend.params.tap_mask", "frontend.params.zero_sum"]))
    try shell.run("undo")
    #expect(try shell.failure("show both").message.contains("both"))
  }

  @Test("An edited twin exports with its options, and opens again with the same rates")
  func exported() throws {
    let shell = try Shell()
    try shell.run("edit twin as late --set frontend.params.lag_mask=2 frontend.params.tap_mask=2")
    let path = shell.folder + "/late.safetensors"
    try shell.run("export late \(path)")
    try shell.run("open \(path) as again")
    #expect(
      try shell.table("eval again on sim/gaborium").columns == shell.table("eval late on sim/gaborium").columns)
  }

  @Test("Whatever can't be edited is refused in one line that says why")
  func refusals() throws {
    let shell = try Shell()
    for (edit, words) in [
      ("frontend.params.tap_mask", "is not an option and its value"), ("=3", "is not an option and its value"),
      ("a..b=3", "is not an option and its value"), ("frontend.params.nonsense=3", "unknown option `nonsense`"),
      ("frontend.params.tap_mask=12", "leaves none of the 12 taps"), ("frontend.params.tap_mask=-1", "not between"),
      ("frontend.params.zero_sum=odd", "unknown projection `odd`"),
      ("convnet.params.block_configs.99.norm_type=grn", "entries"),
      ("frontend.type.x=3", "is text and has no options"),
      ("convnet.params.block_configs.0.conv_params.kernel_size=3000", "of memory"),
      ("convnet.params.channels.1=900000000", "of memory"),
      ("regularization.0.lambda=abc", "a number is needed"), ("regularization.0.lambda=-2", "a number from 0 on"),
      ("regularization.0.type=foo", "unknown penalty `foo`"),
      ("regularization.0.lamda=2", "an entry has no `lamda`"),
      ("frontend.params.lag_mask=500", "leaves none of the window's"),
      ("frontend.params.temporal_pool=40", "with windows of sim/"),
      ("sampling_rate=-5", "sampling_rate: a number above 0 is needed"),
      ("readout.params.initial_std=-3", "readout.params.initial_std: a number above 0"),
      ("frontend.params.aa_window=hann", "has this value already"),
      ("'frontend.params.tap_mask=[1'", "not a value in YAML"),
    ] {
      let failure = try shell.failure("edit twin as m --set \(edit)")
      #expect(failure.message.contains(words), "\(edit): \(failure.message)")
    }
    // Without a recording of its sessions the twin's YAML says how many frames a window has.
    try shell.run("drop sim")
    for lags in [18, 500] {
      let failure = try shell.failure("edit twin as m --set frontend.params.lag_mask=\(lags)")
      #expect(failure.message.contains("\(lags) leaves none of the window's 18 frames (keys_lags.stim of "))
    }
    try shell.run("edit twin as m --set frontend.params.lag_mask=17")
  }

  @Test("Another norm, larger kernels, more channels, a block less: tensors are carried over, and the table says which")
  func shapes() throws {
    let shell = try Shell()
    func outcomes(_ table: Table) -> [String: String] {
      Dictionary(
        zip(table["tensor"]?.strings ?? [], table["outcome"]?.strings ?? []), uniquingKeysWith: { first, _ in first })
    }
    let scores = try shell.table("eval twin on sim/gaborium")
    // A norm of another type starts anew; the rest stays, and `undo` brings everything back.
    let normed = outcomes(
      try shell.table("edit twin as n --set convnet.params.block_configs.0.norm_type=temporal_local_past --tensors"))
    let norm = normed.filter {
      $0.key.hasPrefix("convnet.layers.0.main_block.components.norm.")
        || $0.key.hasPrefix("convnet.layers.0.components.norm.")
    }
    #expect(
      Set(norm.filter { $0.value == "new" }.keys.map { $0.split(separator: ".").last ?? "" }) == [
        "rho", "q", "tg", "tb",
      ])
    #expect(normed.filter { $0.value != "kept" }.count == norm.count)
    #expect(try shell.table("eval n on sim/gaborium").columns != scores.columns)
    let path = shell.folder + "/n.safetensors"
    try shell.run("export n \(path); open \(path) as n2")
    #expect(try shell.table("eval n2 on sim/gaborium").columns == shell.table("eval n on sim/gaborium").columns)
    // And back: what the norm was is gone, so it starts anew.
    try shell.run("edit n as back --set convnet.params.block_configs.0.norm_type=rms")
    try shell.run("train n on sim/gaborium as trained --steps 2 --batch-size 8")
    #expect(try shell.table("eval trained on sim/gaborium").rowCount == scores.rowCount)
    // Kernels that grow among zeros give the same rates where the window is not in the way.
    let wide = outcomes(
      try shell.table("edit twin as w --set frontend.params.num_channels=6 frontend.params.kernel_size=10 --tensors"))
    let frontend = wide.filter { $0.key.hasPrefix("frontend.") }
    #expect(!frontend.isEmpty && Set(frontend.values).isSubset(of: ["cropped", "embedded"]))
    #expect(try shell.table("eval w on sim/gaborium").rowCount == scores.rowCount)
    try shell.run("undo; undo; undo; undo")
    #expect(try shell.table("eval twin on sim/gaborium") == scores)
  }

  @Test(
    "A block is taken out and its followers move up with their tensors; one is put between; a hybrid that does nothing is named"
  )
  func blocks() throws {
    let shell = try Shell()
    let count = try shell.table("diff twin twin --configuration").rowCount
    #expect(count == 0)
    let table = try shell.table(
      "edit twin as less --set convnet.params.block_configs.0=null convnet.params.channels.0=null --tensors")
    let before = try Checkpoint(path: Shell.template + "/checkpoints/twin.ckpt")
    try shell.run("export less \(shell.folder)/less.safetensors")
    let after = try Checkpoint(path: shell.folder + "/less.safetensors")
    let block = "main_block.components."
    for name in ["norm.gamma", "norm.beta", "act.ongain"] {
      let (new, old) = ("convnet.layers.0." + block + name, "convnet.layers.1." + block + name)
      let row = try #require((0..<table.rowCount).first { table.record($0)["tensor"] == .string(new) })
      #expect(table.record(row)["former"] == .string(old) && table.record(row)["outcome"] == .string("kept"))
      #expect(try after.tensor(new) == before.tensor(old), "\(name)")
    }
    // The kernel is cropped to fewer channels; under weight norm its length shrinks with it, so that the rest keeps its values.
    let length = "convnet.layers.0.\(block)conv.conv.parametrizations.weight.0.g"
    let lengthRow = try #require((0..<table.rowCount).first { table.record($0)["tensor"] == .string(length) })
    #expect(table.record(lengthRow)["outcome"] == .string("changed"))
    #expect(!after.arrayNames.contains { $0.hasPrefix("convnet.layers.1.") })
    #expect(try shell.table("eval less on sim/gaborium").rowCount == 16)
    let config =
      "{conv_params: {type: standard, kernel_size: [1, 3, 3], padding: [0, 0, 0]}, norm_type: rms, act_type: relu}"
    let more = try shell.table(
      "edit twin as more --set convnet.params.channels.2=16 'convnet.params.block_configs.2=\(config)' --tensors")
    let fresh = (0..<more.rowCount).filter { more.record($0)["outcome"] == .string("new") }.compactMap {
      more.record($0)["tensor"]?.plainText
    }
    #expect(fresh.count == 4 && fresh.allSatisfy { $0.hasPrefix("convnet.layers.2.") })
    #expect(try shell.table("eval more on sim/gaborium").rowCount == 16)
    // A block between the two: the second one moves down with its tensors.
    let inserted =
      "{conv_params: {type: standard, kernel_size: [1, 1, 1], padding: [0, 0, 0]}, norm_type: rms, act_type: splitrelu}"
    let between = try shell.table(
      "edit twin as between --set 'convnet.params.block_configs.+1=\(inserted)' convnet.params.channels.+1=16 --tensors"
    )
    let fates = zip(try #require(between["tensor"]?.strings), try #require(between["outcome"]?.strings))
    func outcomes(ofBlock place: Int) -> Set<String> {
      Set(fates.filter { $0.0.hasPrefix("convnet.layers.\(place).") }.map(\.1))
    }
    #expect(outcomes(ofBlock: 0) == ["kept"] && outcomes(ofBlock: 1) == ["new"] && outcomes(ofBlock: 2) == ["kept"])
    #expect(try shell.table("eval between on sim/gaborium").rowCount == 16)
    try shell.run("edit twin as h --set convnet.params.block_configs.0.norm_type=hybrid_instance_grn")
    #expect(shell.allNotes.contains("factor is 1 within a few per cent"))
  }

  @Test("New channels stand behind both halves of a split ReLU: weights stay with the channels that they are for")
  func halves() throws {
    let shell = try Shell()
    try shell.run("edit twin as wide --set convnet.params.channels.1=24; export wide \(shell.folder)/wide.safetensors")
    let before = try Checkpoint(path: Shell.template + "/checkpoints/twin.ckpt")
    let after = try Checkpoint(path: shell.folder + "/wide.safetensors")
    let name = "recurrent.cells.0.update_gate.weight"
    let (old, new) = (try before.tensor(name), try after.tensor(name))
    let hidden = old.shape[0]
    #expect(old.shape[1] == 32 + hidden && new.shape[1] == 48 + hidden)
    let taps = old.shape[2] * old.shape[3]
    // Positive half, negative half, hidden state.
    for (from, to, count) in [(0, 0, 16), (16, 24, 16), (32, 48, hidden)] {
      for row in 0..<hidden {
        let (a, b) = ((row * old.shape[1] + from) * taps, (row * new.shape[1] + to) * taps)
        #expect(old.values[a..<a + count * taps].elementsEqual(new.values[b..<b + count * taps]), "\(from), row \(row)")
      }
    }
    // The second block had none: what went around it still does, each half into its own.
    let passing = try after.tensor("convnet.layers.1.shortcut.weight")
    #expect(passing.shape.prefix(2) == [48, 32])
    for row in 0..<48 where row % 24 < 16 {
      let channel = row < 24 ? row : row - 8
      #expect(passing[row: row].values == (0..<32).map { $0 == channel ? 1 : 0 }, "\(row)")
    }
    // Behind a plain ReLU there is one half; what a gate reads of the hidden state stays with it.
    try shell.run("edit twin as plain --set convnet.params.block_configs.1.act_type=relu")
    try shell.run("export plain \(shell.folder)/plain.safetensors")
    let plain = try Checkpoint(path: shell.folder + "/plain.safetensors").tensor(name)
    #expect(plain.shape[1] == 16 + hidden)
    for row in 0..<hidden {
      let (a, b) = (row * old.shape[1] * taps, row * plain.shape[1] * taps)
      let state = (old: a + 32 * taps, new: b + 16 * taps, count: hidden * taps)
      #expect(old.values[a..<a + 16 * taps].elementsEqual(plain.values[b..<b + 16 * taps]), "\(row)")
      #expect(
        old.values[state.old..<state.old + state.count].elementsEqual(
          plain.values[state.new..<state.new + state.count]), "\(row)")
    }
    // What a shortcut adds to the negative half moves with it.
    try shell.run("edit twin as first --set convnet.params.channels.0=20")
    try shell.run("export first \(shell.folder)/first.safetensors")
    let shortcut = "convnet.layers.0.shortcut.weight"
    let (small, large) = (
      try before.tensor(shortcut), try Checkpoint(path: shell.folder + "/first.safetensors").tensor(shortcut)
    )
    #expect(small.shape.prefix(2) == [32, 8] && large.shape.prefix(2) == [40, 8])
    for row in 0..<32 { #expect(small[row: row].values == large[row: row < 16 ? row : row + 4].values, "\(row)") }
  }

  @Test("Delay, dilation and pooling of the frontend predict, train, export, and show in `temporal`")
  func temporalOptions() throws {
    let shell = try Shell()
    let plain = try shell.table("eval twin on sim/gaborium")
    // A delay starts at 0, so that nothing changes before training.
    try shell.run("edit twin as delayed --set frontend.params.delay=true")
    #expect(try shell.table("eval delayed on sim/gaborium").columns == plain.columns)
    try shell.run("train delayed on sim/gaborium as trained --steps 3 --batch-size 8")
    let before = try shell.table("temporal twin --by lag")
    #expect(try shell.table("temporal trained --by lag").rowCount == before.rowCount)
    try shell.run("edit twin as pooled --set frontend.params.temporal_pool=3")
    #expect(try shell.table("temporal pooled --by lag").rowCount == before.rowCount / 12 * 14)
    let edits = "frontend.params.kernel_size=6 frontend.params.dilation=2 frontend.params.temporal_pool=2"
    try shell.run("edit twin as all --set \(edits) frontend.params.temporal_pool_type=exponential")
    let path = shell.folder + "/all.ckpt"
    try shell.run("export all \(path); open \(path) as again")
    #expect(shell.allNotes.contains("`frontend.params.dilation`"))
    #expect(try shell.table("eval again on sim/gaborium").columns == shell.table("eval all on sim/gaborium").columns)
    let failure = try shell.failure("train delayed on sim/gaborium as t --steps 1 --batch-size 4 --zero-sum-kernels")
    #expect(failure.message.contains("a learned delay moves the kernels"))
  }

  @Test("An output calibration starts at the identity, trains under its pull, and exports")
  func outputCalibration() throws {
    let shell = try Shell()
    let plain = try shell.table("eval twin on sim/gaborium")
    try shell.run("edit twin as c --set output_calibration.enabled=true output_calibration.follow_stimulus=true")
    #expect(try shell.table("eval c on sim/gaborium").columns == plain.columns)
    let options = "--steps 6 --batch-size 16 --lr 0.02"
    try shell.run("freeze c core; train c on sim/gaborium as free \(options)")
    let names = try #require(try shell.table("params free | where name =~ 'calibration'")["name"]?.strings)
    #expect(names.contains { $0.hasSuffix("calibration.log_gain") } && names.contains { $0.hasSuffix("gain_slope") })
    #expect(try shell.table("eval free on sim/gaborium").columns != plain.columns)
    let path = shell.folder + "/free.safetensors"
    try shell.run("export free \(path); open \(path) as again")
    #expect(try shell.table("eval again on sim/gaborium").columns == shell.table("eval free on sim/gaborium").columns)
    #expect(shell.allNotes.contains("`output_calibration`"))
    #expect(try shell.failure("refit free readout on sim/gaborium as r").message.contains("output calibration"))
  }

  @Test("A sweep may begin at a weight of 0, where the arm goes as the control")
  func withoutWeight() throws {
    let shell = try Shell()
    let table = try shell.table(
      "whatif twin on sim/gaborium --penalty lowfreq_ratio_fc15 --sweep lambda=0,10 --steps 4 --batch-size 8 --withheld none | where group == 'all' and metric == 'bits_per_spike'"
    )
    let differences = try table.known("difference")
    #expect(differences.count == 2 && differences[0] == 0 && differences[1] != 0)
  }

  @Test("`penalties` shows the terms that the twin was trained with beside the usual ones")
  func trainedTerms() throws {
    let shell = try Shell()
    try shell.run("train twin on sim/gaborium as t --steps 1 --batch-size 8 --penalty recent_pooled_N3=0.1")
    let table = try shell.table("penalties t")
    #expect(table["penalty"]?.strings?.last == "recent_pooled_N3" && table["weight"]?.numbers?.last == 0.1)
    #expect(try shell.failure("penalties t --rate 0").message.contains("--rate must be a number above 0"))
  }

  @Test("An experiment trains a twin with another norm beside the control")
  func normExperiment() throws {
    let shell = try Shell()
    for norm in ["stimcond_rms", "mixture"] {
      let table = try shell.table(
        "whatif twin on sim/gaborium --set convnet.params.block_configs.0.norm_type=\(norm) --steps 4 --batch-size 8 --withheld none | where group == 'all' and metric == 'bits_per_spike'"
      )
      #expect(table.rowCount == 1)
      // Both arms start at their own twin and end elsewhere.
      let (control, edited) = (try table.known("control")[0], try table.known("edited")[0])
      #expect(control != edited)
      #expect(try abs(table.known("difference")[0] - (edited - control)) < 1e-9)
      #expect(try control > table.known("start")[0], "4 steps bring the scale nearer")
    }
  }

  @Test("A mask of taps that are 0 already changes no kernel, and the edit says so")
  func sameKernels() throws {
    let shell = try Shell()
    let note = try #require(try shell.table("edit twin as m --set frontend.params.tap_mask=1").note)
    #expect(note.contains("no kernel changes"))
    let other = try #require(try shell.table("edit twin as n --set frontend.params.tap_mask=2").note)
    #expect(other.contains("of 4 kernels change"))
    let (masked, whole) = (try shell.table("eval m on sim/gaborium"), try shell.table("eval twin on sim/gaborium"))
    #expect(masked.columns == whole.columns)
  }

  @Test(
    "Changed kernels act as asked, under a Hann window too; `temporal` and `diff` show them, `undo` takes them back")
  func kernels() throws {
    let shell = try Shell()
    let before = try shell.table("eval twin on sim/gaborium")
    func numbers(_ table: Table, _ column: String) throws -> [Double] {
      try #require(table[column]?.numbers).map { try #require($0) }
    }
    let table = try shell.table("edit twin as later --kernels shift=1 dc=0")
    #expect(table.rowCount == 4)
    #expect(try numbers(table, "sum_after").allSatisfy { abs($0) < 1e-6 })
    // Both ends of the window are 0: what moves there is lost.
    #expect(try numbers(table, "lost").contains { $0 > 0 })
    #expect(try numbers(table, "weight_lag0_after") == [0, 0, 0, 0])
    let time = try shell.table("temporal later")
    #expect(time.rowCount == 4)
    for (own, promised) in zip(try numbers(time, "mean_ms"), try numbers(table, "mean_ms_after")) {
      #expect(abs(own - promised) < 1e-3)
    }
    let weights = try #require(
      shell.report("diff twin later").sections.lazy.compactMap { section -> Table? in
        if case .table(let table) = section.body, table["changed"] != nil { table } else { nil }
      }.first)
    let parts = Dictionary(
      uniqueKeysWithValues: zip(try #require(weights["part"]?.strings), try numbers(weights, "changed")).filter {
        $0.0 != "adapter" && $0.0 != "readout"
      })
    #expect(parts["frontend"] == 1 && parts["convnet"] == 0 && parts["recurrent"] == 0)
    #expect(try shell.table("eval later on sim/gaborium").columns != before.columns)
    let half = try shell.table("edit twin as half --kernels scale=0.5 scale=2")
    #expect(try numbers(half, "change").allSatisfy { $0 < 1e-6 })
    let both = try shell.table("edit twin as both --set frontend.params.tap_mask=3 --kernels shift=1 --tensors")
    #expect(both["outcome"]?.strings?.count { $0 == "changed" } == 1)
    // A tap mask of N leaves what the change `zero=N` leaves.
    try shell.run("edit twin as masked --set frontend.params.tap_mask=3; edit twin as zeroed --kernels zero=3")
    #expect(
      try shell.table("eval masked on sim/gaborium").columns == shell.table("eval zeroed on sim/gaborium").columns)
    try shell.run("undo")
    #expect(try shell.failure("show zeroed").message.contains("zeroed"))
    #expect(try shell.table("eval twin on sim/gaborium") == before)
  }

  @Test("Changes of kernels that can't be made are refused in one line that says why")
  func refusedKernels() throws {
    let shell = try Shell()
    for (edit, words) in [
      ("", "nothing is edited"), ("--kernels blur=3", "no change of kernels"), ("--kernels zero=12", "leaves none"),
      (
        "--kernels highpass=40 lowpass=30",
        "`highpass=40 lowpass=30` leaves no frequency: the high-pass must lie below the low-pass"
      ),
      (
        "--kernels lowpass=29 shift=1 highpass=21",
        "`lowpass=29 highpass=21` leaves no frequency: those of a kernel of 12 taps lie 10 Hz apart"
      ),
      ("--set frontend.params.delay=true --kernels shift=1", "learned delay"),
      ("--set frontend.params.zero_sum=mean --kernels zero=3 scale=3 shift=2", "zero_sum"),
    ] {
      let failure = try shell.failure("edit twin as m \(edit)")
      #expect(failure.message.contains(words), "\(edit): \(failure.message)")
    }
  }

  @Test("A trade-off has a row for the control and each arm, and the figure is written")
  func tradeOff() throws {
    let shell = try Shell()
    let file = shell.folder + "/tradeoff.svg"
    let table = try shell.table(
      "whatif twin on sim/gaborium --kernels shift=1 --penalty lowfreq_ratio_fc15 --sweep lambda=0.1,10 --steps 4 --batch-size 8 --withheld none --tradeoff high_pass --figure \(file)"
    )
    #expect(table["arm"]?.strings == ["control", "kernels shift=1, lambda=0.1", "kernels shift=1, lambda=10"])
    let swept = try shell.table(
      "whatif twin on sim/gaborium --set frontend.params.lag_mask=3 --sweep frontend.params.lag_mask=2,4 --steps 4 --batch-size 8 --withheld none --tradeoff high_pass"
    )
    #expect(swept["arm"]?.strings == ["control", "frontend.params.lag_mask=2", "frontend.params.lag_mask=4"])
    guard case .bool(let front)? = table["pareto"]?.values else {
      Issue.record("no column of yes and no")
      return
    }
    #expect(front.contains(true))
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("score against structure"))
    let failure = try shell.failure(
      "whatif twin on sim/gaborium --set frontend.params.lag_mask=1 --withheld none --tradeoff gain_error")
    #expect(failure.message.contains("withheld"))
  }

  @Test(
    "Penalties have the contract's columns and the recorded values; a twin that was trained with one shows its weight")
  func penalties() throws {
    let shell = try Shell()
    let table = try shell.table("penalties twin")
    #expect(table.names == ["penalty", "parameters", "value", "weight"])
    let names = try #require(table["penalty"]?.strings)
    let values = try #require(table["value"]?.numbers)
    for (name, value) in [
      ("lowfreq_ratio_fc15", 3.4461447697255094), ("lowfreq_raw_fc15_n64", 194.14223872880447),
      ("recent_pooled_N1", 0), ("recent_perkernel_N2", 0.04609770917585007), ("derivative_soft", 22.783340324513325),
    ] {
      let place = try #require(names.firstIndex(of: name))
      let own = try #require(values[place])
      #expect(abs(own - value) <= 1e-5 * max(1, value), "\(name)")
    }
    let others = try shell.table("penalties twin --term lowfreq_ratio_fc25,recent_pooled_N3")
    #expect(abs(try #require(others["value"]?.numbers?[1] ?? nil) - 0.11198482759754233) < 1e-6)
    try shell.run("train twin on sim/gaborium as t --steps 2 --batch-size 8 --penalty lowfreq_ratio_fc15=0.05")
    #expect(try shell.table("penalties t --term lowfreq_ratio_fc15")["weight"]?.numbers == [0.05])
    #expect(
      try shell.failure("penalties twin --term lowfrq_ratio_fc15").message == "there is no penalty `lowfrq_ratio_fc15`")
    for (term, words) in [
      ("lowfreq_ratio_fc15", "is not a penalty with its weight"), ("derivative_soft=-1", "above 0"),
      ("derivative_soft=1,derivative_soft=2", "given twice"), ("x=1", "there is no penalty `x`"),
    ] {
      let failure = try shell.failure("train twin on sim/gaborium as t3 --steps 2 --penalty \(term)")
      #expect(failure.message.contains(words), "\(term): \(failure.message)")
    }
    try shell.run("freeze twin frontend")
    let frozen = try shell.failure("train twin on sim/gaborium as t3 --steps 2 --zero-sum-kernels")
    #expect(frozen.message.contains("the frontend is frozen"))
  }

  @Test("An experiment trains both arms on the same batches: repeatable, paired by cell, and nothing is kept")
  func experiment() throws {
    let shell = try Shell()
    let command =
      "whatif twin on sim/gaborium --set frontend.params.lag_mask=3 --steps 4 --seeds 1 --batch-size 8 --sampler sessions --withheld none"
    let table = try shell.table(command)
    #expect(try shell.table(command) == table)
    let names = try #require(table["metric"]?.strings)
    #expect(Set(names).isSuperset(of: ["bits_per_spike", "r", "gain_error", "weight_lag0"]))
    let (control, edited, difference) = (
      try #require(table["control"]?.numbers), try #require(table["edited"]?.numbers),
      try #require(table["difference"]?.numbers)
    )
    expectClose(difference, zip(control, edited).map { a, b in a.flatMap { a in b.map { $0 - a } } }, within: 1e-9)
    #expect(difference.count { $0 != nil } > 10)
    // The control is what `train` gives.
    try shell.run(
      "train twin on sim/gaborium as t --steps 4 --batch-size 8 --clip 1 --lr 0.001 --seed 1002")
    let scores = try #require(try shell.table("eval t on sim/gaborium")["bits_per_spike"]?.numbers).compactMap(\.self)
    let all = try #require(
      (0..<table.rowCount).first {
        table.record($0)["group"] == .string("all") && table.record($0)["metric"] == .string("bits_per_spike")
      })
    #expect(abs(try #require(control[all]) - scores.reduce(0, +) / Double(scores.count)) < 1e-4)
    #expect(try shell.table("ls")["name"]?.strings?.contains("control") == false)
  }

  @Test("The last row says how much later the twin responds than the cells, as `temporal --data` measures it")
  func latency() throws {
    let shell = try Shell()
    let options =
      "--set frontend.params.lag_mask=2 --steps 4 --batch-size 8 --withheld none | where metric == 'late_ms'"
    let table = try shell.table("whatif twin on sim/gaborium \(options)")
    #expect(
      table.rowCount == 1 && table["stimulus"]?.strings == ["gaborium"] && table["role"]?.strings == ["structure"])
    let late = try shell.table("temporal twin on sim/gaborium --windows 1 --data | where late_ms != null").known(
      "late_ms")
    #expect(try table.known("cells") == [Double(late.count)])
    #expect(try abs(table.known("start")[0] - late.reduce(0, +) / Double(late.count)) < 0.01)
    let (control, edited) = (try table.known("control")[0], try table.known("edited")[0])
    #expect(try control != edited && abs(table.known("difference")[0] - (edited - control)) < 1e-9)
    // Trials that repeat their frames have no held-out score.
    let repeated = try shell.failure(
      "whatif twin on sim/fixrsvp --set frontend.params.lag_mask=9 --steps 4 --batch-size 8 --withheld none")
    #expect(repeated.message.hasPrefix("held-out trials of sim/fixrsvp show the same frames as its training trials"))
  }

  @Test("`worth` shows the effect after more and more steps as `whatif` has it, a forecast, and what a full run costs")
  func worth() throws {
    let shell = try Shell()
    let options = "twin on sim/gaborium --set frontend.params.lag_mask=3 --steps 24 --seeds 2 --batch-size 4"
    let table = try shell.table("worth \(options)")
    let steps = try #require(table["steps"]?.numbers).compactMap(\.self)
    #expect(steps == [3, 6, 12, 24, 192])
    #expect(table["kind"]?.strings == ["trained", "trained", "trained", "trained", "forecast"])
    let effects = try #require(table["effect"]?.numbers).compactMap(\.self)
    let whole = try shell.table(
      "whatif \(options) --withheld none | where group == 'all' and metric == 'bits_per_spike'")
    let difference = try #require(whole["difference"]?.numbers?[0] ?? nil)
    try #require(effects.count == 5)
    #expect(abs(effects[3] - difference) < 1e-9)
    #expect(shell.allNotes.contains("no run in this workspace says how long"))
    for (flags, words) in [
      ("--seeds 1 --steps 24", "at least 2"), ("--steps 8", "at least 24"),
      ("--steps 24 --full-steps 0", "at least 1"),
    ] {
      let failure = try shell.failure("worth twin on sim/gaborium --set frontend.params.lag_mask=3 \(flags)")
      #expect(failure.message.contains(words), "\(flags): \(failure.message)")
    }
  }

  @Test("An experiment that edits nothing, or nothing that counts, is refused")
  func idle() throws {
    let shell = try Shell()
    for (options, words) in [
      ("", "nothing is edited"),
      (
        "--set frontend.params.tap_mask=1", "changes nothing: `frontend.params.tap_mask`: the masked taps are 0 already"
      ),
      ("--set frontend.params.lag_mask=0", "`frontend.params.lag_mask`: a mask of 0 masks nothing"),
      ("--set frontend.params.kernel_size=12", "the twin has this value already"),
      ("--kernels scale=1", "the kernels that act stay as they are"),
      ("--set frontend.params.init_type=random", "the kernels start from torch's default"),
      ("--set readout.params.initial_std=2", "it acts in `new` alone"),
      ("--set modulator.params.foo=1", "`modulator.params.foo`: no part of the forward pass reads it"),
      ("--set frontend.params.dilation=1", "`frontend.params.dilation`: 1 is what the twin does without it"),
      ("--set regularization.1.schedule.kind=warmup", "`exclude_means_from_wd` has the weight 0"),
      (
        "--set regularization.0.schedule.start_epoch=1",
        "changes nothing: `regularization.0.schedule.start_epoch`: the schedule of `decay_readout_std` begins in a later epoch"
      ),
      ("--set frontend.params.lag_mask=2 --steps 4 --minutes 1", "can't be combined"),
      ("--sweep lambda=1,2", "needs one --penalty"), ("--sweep lambda --penalty derivative_soft", "different values"),
      ("--set frontend.params.lag_mask=2 --minutes 0.0001", "the time allows"),
      ("--set frontend.params.lag_mask=2 --withheld sim/gaborium", "is not withheld"),
    ] {
      let length = options.contains("--minutes") || options.contains("--steps") ? "" : "--steps 4 "
      let withheld = options.contains("--withheld") ? "" : "--withheld none "
      let failure = try shell.failure(
        "whatif twin on sim/gaborium --batch-size 4 \(length)\(withheld)\(options)")
      #expect(failure.message.contains(words), "\(options): \(failure.message)")
    }
  }
}

extension Column {
  /// The texts of a column of text.
  fileprivate var strings: [String]? {
    guard case .string(let texts) = values else { return nil }
    return texts.compactMap(\.self)
  }
}
