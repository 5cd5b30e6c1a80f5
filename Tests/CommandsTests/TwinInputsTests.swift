import Base
import Formats
import Foundation
import TestSupport
import Testing

/// Twins that read behaviour and spike history, on recordings.
@Suite("Twin inputs")
struct TwinInputsTests {
  static let concat = "learned_dense_concat_convgru_gaussian_history"
  static let film = "syn_film_enc_residual"
  static let modulatorOnly = "modulator_only_convgru"

  /// Six columns for the small film twin: the eye's position and the size of its steps.
  static let sixColumns = """
      position:
        source: eyepos
        ops: [{select_units: {indices: [0, 1]}}]
        expose_as: behavior
        concatenate: true
      steps:
        source: eyepos
        ops: [{diff: {axis: 0}}, {splitrelu: {split_dim: 1}}]
        expose_as: behavior
        concatenate: true
    """

  @Test("Predictions with behaviour and history are forward's on behaviour and history made by hand")
  func predictsAsForward() throws {
    let shell = try Shell(zoo: Self.concat, yaml: BehaviourRecordings.yaml())
    try shell.run("predict twin on rec/backimage --split all as p")
    try shell.run("export p \(shell.folder)/p.npz")
    let predicted = try NpzArchive(path: shell.folder + "/p.npz")
    let frames = try predicted.integers("idx")
    #expect(frames.count == 20)

    let hand = try HandMadeInputs(path: BehaviourRecordings.folder + "/backimage.dset", factor: 2)
    try NpzWriter.write(
      [
        NamedArray("stim", hand.windows(frames, lags: 25)), NamedArray("behavior", hand.behaviour(frames)),
        NamedArray("history_0", hand.history(frames, cells: [1, 3, 5, 7, 9], lags: 5)),
      ], to: shell.folder + "/in.npz")
    try shell.run("forward twin --head Zoo_2025-01-10 --input \(shell.folder)/in.npz --output \(shell.folder)/out.npz")
    let rates = try predicted.tensor("rhat")
    let expected = try NpzArchive(path: shell.folder + "/out.npz").tensor("out")
    #expect(rates.shape == expected.shape)
    #expect(zip(rates.values, expected.values).allSatisfy { abs($0 - $1) <= 1e-5 + 1e-4 * abs($1) })
    // Both inputs matter, so that what agrees is no accident.
    for left in ["behavior", "history_0"] {
      let inputs = try NpzArchive(path: shell.folder + "/in.npz")
      try NpzWriter.write(
        inputs.arrayNames.map { name in
          let tensor = try inputs.tensor(name)
          return NamedArray(name, name == left ? Tensor(zeros: tensor.shape) : tensor)
        }, to: shell.folder + "/without.npz")
      try shell.run(
        "forward twin --head Zoo_2025-01-10 --input \(shell.folder)/without.npz --output \(shell.folder)/other.npz")
      let other = try NpzArchive(path: shell.folder + "/other.npz").tensor("out")
      #expect(zip(rates.values, other.values).contains { abs($0 - $1) > 1e-3 }, "\(left)")
    }
  }

  @Test("A twin of a modulator alone runs on behaviour, without the stimulus")
  func modulatorAlone() throws {
    let shell = try Shell(zoo: Self.modulatorOnly, yaml: BehaviourRecordings.yaml(rate: 240, lags: ""))
    try shell.run("predict twin on rec/backimage --split all as p")
    try shell.run("export p \(shell.folder)/p.npz")
    let predicted = try NpzArchive(path: shell.folder + "/p.npz")
    let hand = try HandMadeInputs(path: BehaviourRecordings.folder + "/backimage.dset", factor: 1)
    try NpzWriter.write(
      [NamedArray("behavior", hand.behaviour(predicted.integers("idx")))], to: shell.folder + "/in.npz")
    try shell.run("forward twin --input \(shell.folder)/in.npz --output \(shell.folder)/out.npz")
    let logRates = try NpzArchive(path: shell.folder + "/out.npz").tensor("out")
    let rates = try predicted.tensor("rhat")
    #expect(rates.shape == logRates.shape)
    #expect(zip(rates.values, logRates.values).allSatisfy { abs($0 - exp($1)) <= 1e-5 + 1e-4 * $0 })
    #expect(try shell.failure("eval twin on rec/backimage --no-behavior").message.contains("it reads nothing else"))
  }

  @Test("Every command that scores works with behaviour")
  func allCommands() throws {
    let shell = try Shell(
      zoo: Self.film, yaml: BehaviourRecordings.yaml(lags: "", stimulusLags: 9, transforms: [Self.sixColumns]))
    // Predictions are held against forward passes on behaviour made by hand, above; here all commands read the same ones.
    try shell.run("predict twin on rec/backimage --split all as kept")
    let scores = try shell.table("eval kept")
    #expect(scores.rowCount == 5)
    let own = try shell.table("eval twin on rec/backimage --split all")
    for column in ["bits_per_spike", "nll", "r"] { #expect(try own.numbers(column) == scores.numbers(column)) }
    let neurons = try shell.table("neurons twin on rec/backimage")
    #expect(
      try neurons.numbers("bits_per_spike_train")
        == shell.table("eval twin on rec/backimage --split train").numbers("bits_per_spike"))
    guard case .table(let shown)? = try shell.report("neuron twin 3 on rec/backimage").sections.first?.body else {
      throw Failure(.mismatch, "no scores")
    }
    #expect(try shown.numbers("bits_per_spike")[0] == neurons.numbers("bits_per_spike_train")[1])
    let fit = try shell.table("calibrate twin on rec/backimage --split all")
    expectClose(try fit.numbers("bits_per_spike"), try own.numbers("bits_per_spike"), within: 1e-9)
    let calibrated = try shell.table("eval twin on rec/backimage --split all --calibrated")
    expectClose(
      try fit.numbers("bits_per_spike_calibrated"), try calibrated.numbers("bits_per_spike"), within: 1e-4)
  }

  @Test("Without behaviour other rates come out, under a name and a cache of their own")
  func leavesBehaviourOut() throws {
    let shell = try Shell(
      zoo: Self.film, yaml: BehaviourRecordings.yaml(lags: "", stimulusLags: 9, transforms: [Self.sixColumns]))
    let with = try shell.record("predict twin on rec/backimage --split all")
    #expect((with["mean_rate_hz"]?.number ?? 0) > 0)
    let without = try shell.record("predict twin on rec/backimage --split all --no-behavior")
    #expect(with["name"] == .string("twin-rec-backimage-all"))
    #expect(without["name"] == .string("twin-rec-backimage-all-no-behavior"))
    #expect(with["mean_rate_hz"] != without["mean_rate_hz"])
    #expect(try shell.record("predict twin on rec/backimage --split all")["mean_rate_hz"] == with["mean_rate_hz"])
    #expect(try shell.table("cache").rowCount == 2)
    try shell.run("eval twin on rec/backimage --no-behavior")
    let hint = try shell.failure("eval twin on rec/backimage --no-behavior --calibrated").hint
    #expect(hint == "make it with `calibrate twin on rec/backimage --no-behavior`")
  }

  @Test("A readout is refitted on features that behaviour took part in")
  func refits() throws {
    let shell = try Shell(
      zoo: Self.film, yaml: BehaviourRecordings.yaml(lags: "", stimulusLags: 9, transforms: [Self.sixColumns]))
    let fits = try shell.table("refit twin readout on rec/backimage as new --starts 1 --l2 0.1")
    #expect(fits.rowCount == 5)
    // The new head answers on the features that the fit was made on, so its scores are those that the fit promised.
    expectClose(
      try fits.numbers("bits_per_spike_val"), try shell.table("eval new on rec/backimage").numbers("bits_per_spike"),
      within: 5e-3)
    let without = try shell.table("eval new on rec/backimage --no-behavior").numbers("nll")
    #expect(try without != shell.table("eval new on rec/backimage").numbers("nll"))
    let failure = try shell.failure("refit twin readout on rec/blind as newer")
    #expect(failure.message.contains("no `eyepos` that `behavior` is made of"))
    #expect(failure.hint == "open a recording that has it")
  }

  @Test("forward leaves the modulator out by name")
  func forwardWithoutBehaviour() throws {
    let shell = try Shell(opened: false)
    let zoo = Fixtures.path("zoo/\(Self.film)")
    try shell.run("open \(zoo)/model.ckpt as twin --config \(zoo)/datasets.yaml")
    let stimulus = try NpzArchive(path: zoo + "/io.npz").tensor("stim")
    try NpzWriter.write([NamedArray("stim", stimulus)], to: shell.folder + "/in.npz")
    let command = "forward twin --input \(shell.folder)/in.npz --output \(shell.folder)/out.npz"
    #expect(try shell.failure(command).message.contains("needs behaviour"))
    try shell.run(command + " --no-behavior")
    let rates = try NpzArchive(path: shell.folder + "/out.npz").tensor("out")
    #expect(rates.shape == [2, 5])
    // Behaviour that is in the file has no say then, and has one otherwise.
    let whole = try NpzArchive(path: zoo + "/io.npz")
    try NpzWriter.write(
      try ["stim", "behavior"].map { NamedArray($0, try whole.tensor($0)) }, to: shell.folder + "/in.npz")
    try shell.run(command + " --no-behavior")
    #expect(try NpzArchive(path: shell.folder + "/out.npz").tensor("out") == rates)
    try shell.run(command)
    let moved = try NpzArchive(path: shell.folder + "/out.npz").tensor("out")
    #expect(zip(moved.values, rates.values).contains { abs($0 - $1) > 1e-3 })
  }

  @Test("A recording without eye positions is refused by what it lacks, with the way out")
  func noEyePositions() throws {
    let yaml = BehaviourRecordings.yaml(lags: "", stimulusLags: 9, transforms: [Self.sixColumns])
    let shell = try Shell(zoo: Self.film, yaml: yaml)
    for command in ["eval", "predict", "neurons", "calibrate"] {
      let failure = try shell.failure("\(command) twin on rec/blind")
      #expect(
        failure.message
          == "`twin` needs 6 columns of behaviour, and rec/blind has no `eyepos` that `behavior` is made of")
      #expect(failure.hint == "--no-behavior leaves the modulator out")
    }
    #expect(try shell.table("eval twin on rec/blind --split all --no-behavior").rowCount == 5)
  }

  @Test("A recording without a behaviour transform is refused, and a flag that can't help is not praised")
  func noTransforms() throws {
    let shell = try Shell(zoo: Self.concat, yaml: BehaviourRecordings.yaml(transforms: [BehaviourRecordings.history]))
    let failure = try shell.failure("eval twin on rec/backimage")
    #expect(failure.message == "`twin` needs 42 columns of behaviour, and rec/backimage has no covariate `behavior`")
    #expect(failure.hint?.hasSuffix("--no-behavior does not help: this twin can't run without its modulator") == true)
    #expect(try shell.failure("eval twin on rec/backimage --no-behavior").kind == .unsupported)
  }

  @Test("Behaviour of another width is refused with both widths")
  func otherWidth() throws {
    let shell = try Shell(zoo: Self.concat, yaml: BehaviourRecordings.yaml(transforms: [Self.sixColumns]))
    let failure = try shell.failure("eval twin on rec/backimage")
    #expect(failure.message == "`twin` reads 42 columns of behaviour, `behavior` of rec/backimage has 6")
  }

  @Test(
    "History that the YAML does not give as the twin reads it is refused",
    arguments: [
      ("behavior: 0", "keys_lags of Zoo_2025-01-10 has no `history`"),
      ("behavior: 0, history: [1, 2]", "at 5 lags, keys_lags.history of Zoo_2025-01-10 lists 2"),
      ("behavior: [0, 1], history: [1, 2, 3, 4, 5]", "at one lag, and keys_lags.behavior of Zoo_2025-01-10 lists 2"),
    ]) func wrongLags(lags: String, message: String) throws
  {
    let shell = try Shell(zoo: Self.concat, yaml: BehaviourRecordings.yaml(lags: lags))
    #expect(try shell.failure("eval twin on rec/backimage").message.contains(message))
  }

  @Test("Without a history transform the counts of the twin's cells are its history")
  func historyOfTheCells() throws {
    let named = try Shell(zoo: "syn_history_plainmlp", yaml: Self.historyYAML([BehaviourRecordings.history]))
    let plain = try Shell(zoo: "syn_history_plainmlp", yaml: Self.historyYAML([]))
    let rates = try [named, plain].map { try $0.record("predict twin on rec/blind --split all")["mean_rate_hz"] }
    #expect(rates[0] == rates[1] && (rates[0]?.number ?? 0) > 0)
    let all = "  history: {source: robs, ops: [], expose_as: history}"
    let wide = try Shell(zoo: "syn_history_plainmlp", yaml: Self.historyYAML([all]))
    let failure = try wide.failure("predict twin on rec/blind --split all")
    #expect(failure.message == "`twin` reads spike history of 5 cells, `history` of rec/blind has 12")
  }

  private static func historyYAML(_ transforms: [String]) -> String {
    BehaviourRecordings.yaml(lags: "history: [1, 2, 3, 4]", stimulusLags: 8, transforms: transforms)
  }
}

/// What a twin is given of the small recording, worked out step by step from the file's arrays.
struct HandMadeInputs {
  private let pixels: Tensor
  private let counts: [[Float]]
  private let eyes: [[Float]]

  init(path: String, factor: Int) throws {
    let file = try DictDataset(path: path)
    let count = file.frameCount / factor
    pixels = try file.tensor("stim").gathering(rows: (0..<count).map { $0 * factor })
    let robs = try file.tensor("robs")
    counts = (0..<count).map { frame in
      (0..<12).map { cell in (0..<factor).reduce(0) { $0 + robs.values[(frame * factor + $1) * 12 + cell] } }
    }
    let eyepos = try file.tensor("eyepos")
    eyes = (0..<count).map { frame in
      (0..<2).map { axis in
        (0..<factor).reduce(0) { $0 + eyepos.values[(frame * factor + $1) * 2 + axis] } / Float(factor)
      }
    }
  }

  func windows(_ frames: [Int], lags: Int) -> Tensor {
    let values = frames.flatMap { frame in
      (0..<lags).flatMap { lag in pixels[row: frame - lag].values.map { ($0 - 127) / 255 } }
    }
    return Tensor(shape: [frames.count, 1, lags, 21, 21], values: values)
  }

  func history(_ frames: [Int], cells: [Int], lags: Int) -> Tensor {
    let values = frames.flatMap { frame in (1...lags).flatMap { lag in cells.map { counts[frame - lag][$0] } } }
    return Tensor(shape: [frames.count, lags, cells.count], values: values)
  }

  /// 20 columns of velocity where it is positive, 20 where it is negative, 2 of position.
  func behaviour(_ frames: [Int]) -> Tensor {
    var velocity = eyes.indices.map { t in (0..<2).map { t == 0 ? 0 : Double(eyes[t][$0] - eyes[t - 1][$0]) } }
    let peak = velocity.flatMap(\.self).map(abs).max() ?? 1
    velocity = velocity.map { $0.map { $0 < 0 ? -log(1 - $0 / peak) : log(1 + $0 / peak) } }
    // Ten bumps from 30 to 200 ms, of unit length, the first tap 0, the middle tap the present frame.
    let step = (200.0 - 30) / 9
    let bumps = (0..<10).map { index -> [Double] in
      let bump = (0..<50).map { bin -> Double in
        let phase = (Double(bin) * 5 - 30 - Double(index) * step) * .pi / (2 * step)
        return abs(phase) <= .pi ? (1 + cos(phase)) / 2 : 0
      }
      let length = bump.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return [0] + bump.map { $0 / length }
    }
    let values = frames.flatMap { t -> [Float] in
      let filtered = (0..<2).flatMap { axis in
        bumps.map { bump in
          bump.indices.reduce(0.0) { sum, tap in
            let source = t + tap - 25
            return velocity.indices.contains(source) ? sum + bump[tap] * velocity[source][axis] : sum
          }
        }
      }
      return filtered.map { Float(max($0, 0)) } + filtered.map { Float(max(-$0, 0)) } + eyes[t]
    }
    return Tensor(shape: [frames.count, 42], values: values)
  }
}
