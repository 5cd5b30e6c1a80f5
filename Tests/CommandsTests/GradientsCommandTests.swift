import Base
import Commands
import Formats
import Foundation
import TestSupport
import Testing

/// `gradients` from outside: the arrays that it reads and writes are those of the reference's `io.npz` and `grads.npz`.
@Suite("The gradients command")
struct GradientsCommandTests {
  static let cases = [
    "syn_film_enc_residual", "syn_noncausal_nativepad_stride", "syn_temporal_basis_log_dense_splitgain",
  ]
  static let modes = ["eval", "train-dropout-off", "train"]

  @Test("It gives loss, outputs, gradients and buffers of the reference", arguments: zip(cases, modes))
  func reference(name: String, mode: String) throws {
    let folder = Fixtures.path("zoo/\(name)")
    let reference = try NpzArchive(path: folder + "/grads.npz")
    let inputs = try NpzArchive(path: folder + "/io.npz")
    let shell = try Shell(opened: false)
    var arrays = [NamedArray("y", try reference.tensor("y"))]
    for name in ["stim", "behavior", "history_0"] where inputs.info(name) != nil {
      arrays.append(NamedArray(name, try inputs.tensor(name)))
    }
    let (input, output) = (shell.folder + "/in.npz", shell.folder + "/out.npz")
    try NpzWriter.write(arrays, to: input)
    try shell.run("open \(folder)/model.ckpt as m --config \(folder)/datasets.yaml")
    let table = try shell.table("gradients m --input \(input) --output \(output) --mode \(mode)")
    let found = try NpzArchive(path: output)
    let loss = try reference.tensor("loss").values[0]
    #expect(abs(try found.tensor("loss").values[0] - loss) <= 1e-4 * max(1, abs(loss)))
    let names = reference.arrayNames.filter { $0.hasPrefix("grad") || $0.hasPrefix("updated/") || $0 == "out" }
    #expect(names.count > 5)
    let largest = try names.filter { $0.hasPrefix("grad/") }.map { try reference.tensor($0).values.map(abs).max() ?? 0 }
      .max()
    for name in names {
      let expected = try reference.tensor(name)
      let value = try found.tensor(name)
      #expect(value.count == expected.count, "\(name)")
      let peak = expected.values.map(abs).max() ?? 0
      let difference = zip(value.values, expected.values).map { abs($0 - $1) }.max() ?? 0
      // Places and the stimulus: SEMANTICS 20. What is zero but for rounding is held against the largest gradient.
      let tolerance: Float =
        ["mean", "std", "theta", "log_scale", "grad_stim"].contains { name.hasSuffix($0) } ? 2e-3 : 1e-4
      #expect(difference <= max(tolerance * peak, 1e-5 * (largest ?? 0)), "\(name): \(difference) of \(peak)")
    }
    #expect(table.rowCount == found.arrayNames.count { $0.hasPrefix("grad/") || $0.hasPrefix("grad_") })
  }

  @Test("A file without counts is refused by name, with what to add")
  func noCounts() throws {
    let shell = try Shell()
    let path = shell.folder + "/windows.npz"
    try NpzWriter.write([NamedArray("stim", Tensor(zeros: [1, 1, 18, 25, 25]))], to: path)
    let failure = #expect(throws: Failure.self) {
      try shell.run("gradients twin --input \(path) --output \(shell.folder)/g.npz")
    }
    #expect(failure?.message.contains("no counts `y`") == true)
    #expect(failure?.hint?.contains("(batch, cell)") == true)
    #expect(!FileManager.default.fileExists(atPath: shell.folder + "/g.npz"))
  }

  @Test("Rate weights, the correlation and a penalty each change the loss or the gradients, and all add up")
  func terms() throws {
    let shell = try Shell(opened: false)
    let folder = Fixtures.path("zoo/syn_lt_bias_splitmp_noaa")
    let input = shell.folder + "/in.npz"
    // The recorded windows, and again at half the contrast: a correlation needs more than two bins.
    let windows = try NpzArchive(path: folder + "/io.npz").tensor("stim")
    let counts = try NpzArchive(path: folder + "/grads.npz").tensor("y")
    let half = Tensor(
      shape: [2 * windows.shape[0]] + windows.shape.dropFirst(), values: windows.values + windows.values.map { $0 / 2 })
    let twice = Tensor(
      shape: [2 * counts.shape[0], counts.shape[1]], values: counts.values + counts.values.reversed())
    try NpzWriter.write([NamedArray("y", twice), NamedArray("stim", half)], to: input)
    try shell.run("open \(folder)/model.ckpt as m --config \(folder)/datasets.yaml")
    func found(_ flags: String) throws -> NpzArchive {
      let output = shell.folder + "/out.npz"
      try shell.run("gradients m --input \(input) --output \(output) \(flags)")
      return try NpzArchive(path: output)
    }
    let kernel = "grad/frontend.temporal_conv.conv.weight"
    let plain = try found("")
    let (corr, penalty) = (try found("--corr 0.5"), try found("--penalty derivative_soft=0.3"))
    let both = try found("--corr 0.5 --penalty derivative_soft=0.3")
    let weighted = try found("--rate-weight 1")
    let (base, own) = (try plain.tensor("loss").values[0], try corr.tensor("loss").values[0])
    // 1 - r lies between 0 and 2.
    #expect(own > base && own < base + 1)
    #expect(try penalty.tensor("loss").values[0] == base)
    #expect(try penalty.tensor("penalty/derivative_soft").values[0] > 0)
    #expect(try weighted.tensor("loss").values[0] != base)
    let (start, first) = (try plain.tensor(kernel).values, try corr.tensor(kernel).values)
    let (second, sum) = (try penalty.tensor(kernel).values, try both.tensor(kernel).values)
    #expect(first != start && second != start)
    for index in start.indices {
      #expect(abs(sum[index] - (first[index] + second[index] - start[index])) < 1e-5)
    }
    let bias = "grad/readouts.0.bias"
    #expect(try penalty.tensor(bias).values == plain.tensor(bias).values)
  }
}
