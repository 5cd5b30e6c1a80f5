import Base
import Formats
import Foundation
import Testing

/// `mei` and `rf --gradient` on the small twin.
@Suite("Most exciting input")
struct MEITests {
  private static func numbers(_ value: Value) throws -> Table {
    guard case .report(let report) = value, case .table(let table)? = report.sections.first?.body else {
      throw Failure(.undefined, "no table of numbers")
    }
    return table
  }

  @Test("Found windows excite more than the best natural one, with no more contrast")
  func beatsNatural() throws {
    let shell = try Shell()
    let file = shell.folder + "/mei.npz"
    let table = try Self.numbers(
      shell.run("mei twin 8 on sim/gaborium --steps 15 --starts 2 --save \(file)"))
    let activations = (0..<table.rowCount).map { table["activation_hz"]?[$0].number }
    let contrasts = (0..<table.rowCount).map { table["contrast"]?[$0].number }
    #expect(table.rowCount == 3)
    let natural = try #require(activations[0])
    // The first start begins at the natural window, and the best window on the way counts.
    #expect(try #require(activations[1]) > natural)
    for contrast in contrasts { #expect(try #require(contrast) <= (try #require(contrasts[0])) * 1.0001) }
    let saved = try NpzArchive(path: file)
    #expect(saved.info("windows")?.shape == [2, 1, 18, 25, 25])
    // What is saved gives the same rates in a forward pass of its own.
    let windows = try saved.tensor("windows")
    let input = shell.folder + "/in.npz"
    let output = shell.folder + "/out.npz"
    try NpzWriter.write([NamedArray("stim", windows)], to: input)
    try shell.run("forward twin --input \(input) --output \(output) --head 1")
    let rates = try NpzArchive(path: output).tensor("out")
    let cell = 8
    for start in 0..<2 {
      let rate = Double(rates.values[start * rates.shape[1] + cell]) * 120
      #expect(abs(rate - (try #require(activations[start + 1]))) < 1e-3 * rate)
    }
  }

  @Test("The mean gradient resembles the model's receptive field more than the data's, which has noise")
  func gradient() throws {
    let shell = try Shell()
    guard case .report(let report) = try shell.run("rf twin 8 on sim/gaborium --gradient --windows 48") else {
      Issue.record("no report")
      return
    }
    #expect(report.sections.contains { $0.heading == "model's gradient" })
    guard case .table(let table)? = report.sections.first?.body, let note = table.note,
      let match = note.firstMatch(
        of: /mean gradient over 48 windows: r (-?[\d.]+) with the data's STA, (-?[\d.]+) with/),
      let data = Double(match.1), let model = Double(match.2)
    else {
      Issue.record("no note of the gradient")
      return
    }
    #expect(model > data && model > 0.5)
  }

  @Test("The gradient at a window is the slope of the forward pass in the pixel where it is strongest")
  func gradientAtWindow() throws {
    let shell = try Shell()
    let report = try shell.report("rf twin 8 on sim/gaborium --gradient --windows 1")
    guard case .figure(let figure)? = report.sections.first(where: { $0.heading == "model's gradient" })?.body,
      let map = figure.map, let match = figure.title.firstMatch(of: /gradient at lag (\d+)/), let lag = Int(match.1)
    else {
      Issue.record("no gradient")
      return
    }
    try shell.run("predict twin on sim/gaborium --split all as p; export p \(shell.folder)/p.npz")
    // One window is that of the first valid frame; the newest frame is lag 0.
    let frame = try #require(try NpzArchive(path: shell.folder + "/p.npz").integers("idx").min())
    let pixels = try DictDataset(path: Shell.template + "/recordings/Sim_2025-01-17/gaborium.dset")
      .tensor("stim", rows: frame - 17..<frame + 1)
    let window = (0..<18).flatMap { lag in pixels[row: 17 - lag].values.map { ($0 - 127) / 255 } }
    let place = try #require(map.values.indices.max { abs(map.values[$0]) < abs(map.values[$1]) })
    let step: Float = 0.05
    var values = window + window
    values[lag * 625 + place] += step
    values[(18 + lag) * 625 + place] -= step
    try NpzWriter.write(
      [NamedArray("stim", Tensor(shape: [2, 1, 18, 25, 25], values: values))], to: shell.folder + "/in.npz")
    try shell.run("forward twin --input \(shell.folder)/in.npz --output \(shell.folder)/out.npz --head 1")
    let rates = try NpzArchive(path: shell.folder + "/out.npz").tensor("out").values
    let slope = Double(rates[8] - rates[16 + 8]) / Double(2 * step)
    #expect(abs(slope - map.values[place]) < 0.02 * abs(map.values[place]), "\(slope), \(map.values[place])")
  }

  @Test(
    "Flags out of range are refused in one line",
    arguments: ["--steps 0", "--starts 0", "--contrast 0", "--smooth -1", "--jitter -1", "--save a.txt"])
  func refusals(flag: String) throws {
    let shell = try Shell()
    let failure = #expect(throws: Failure.self) { try shell.run("mei twin 8 on sim/gaborium \(flag)") }
    #expect(failure?.kind == .usage)
    #expect(failure?.message.contains("\n") == false)
  }
}
