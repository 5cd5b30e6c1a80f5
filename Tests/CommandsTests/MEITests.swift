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

  @Test("The mean gradient resembles the model's receptive field")
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
      let model = Double(match.2)
    else {
      Issue.record("no note of the gradient")
      return
    }
    #expect(model > 0.2 && model < 1)
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
