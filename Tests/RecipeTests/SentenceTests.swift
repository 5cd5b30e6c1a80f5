import Base
import Testing

/// What the recipes print in words has the numbers of their own tables, and follows from them.
@Suite("Sentences of recipes")
struct SentenceTests {
  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test("calibrate.vc says what gain and offset improve, whatever that is", arguments: ["gaborium", "fixrsvp"])
  func calibrate(stimulus: String) throws {
    try FinishedRecipe.run("calibrate.vc", parameters: ["stimulus": stimulus]) { done in
      try done.expect(
        "Correlation with the counts: ",
        has: [mean(done.numbers("raw", "r")), try #require(Quantile.of(done.numbers("raw", "r"), share: 0.75))])
      let fit = try done.table("fit")
      func values(_ name: String) -> [Double] {
        (0..<fit.rowCount).filter { fit.record($0)["bits_per_spike_calibrated"]?.number != nil }
          .compactMap { fit.record($0)[name]?.number }
      }
      let before = values("bits_per_spike")
      let gain = mean(values("bits_per_spike_gain"))
      let after = values("bits_per_spike_calibrated")
      try done.expect("Mean held-out bits/spike: ", has: [mean(before), gain, mean(after)])
      let lift = mean(after) - mean(before)
      let share = "The gain alone gives "
      #expect(done.output.contains(share) == (lift > 0 && gain <= mean(after)))
      #expect(done.output.contains("The gain alone improves the score more") == (lift > 0 && gain > mean(after)))
      #expect(done.output.contains("the scale is not what is wrong") == (lift <= 0))
      if done.output.contains(share) { try done.expect(share, has: [100 * (gain - mean(before)) / lift]) }
      let good = [before.count { $0 > 0 }, after.count, after.count { $0 > 0 }].map(Double.init)
      let line = try #require(
        done.output.split(separator: "\n").first { $0.contains(" cells are predicted better than") })
      #expect(line.matches(of: /[0-9]+/).compactMap { Double($0.0) } == good)
    }
  }

  @Test("refit.vc gives the loss and the scores of its table")
  func refit() throws {
    try FinishedRecipe.run("refit.vc") { done in
      let scores = try done.numbers("fit", "bits_per_spike_val")
      try done.expect(
        "Mean training loss ", has: [mean(done.numbers("fit", "nll_train")), try #require(Quantile.median(scores))])
      #expect(
        done.output.contains("\n\(scores.count { $0 > 0.1 }) of \(scores.count) cells score above 0.1 bits/spike.\n"))
    }
  }

  @Test("gain.vc gives the means over the cells of its table")
  func gain() throws {
    try FinishedRecipe.run("gain.vc") { done in
      let names = ["bits_per_spike", "lost_to_scale", "lost_to_offset", "bits_per_spike_calibrated"]
      try done.expect("On gaborium: ", has: names.map { mean(try done.numbers("here", $0)) })
    }
  }

  @Test("compare.vc counts the cells that are better")
  func compare() throws {
    try FinishedRecipe.run("compare.vc") { done in
      let differences = try done.numbers("cells", "difference")
      let start =
        "\(differences.count { $0 > 0 }) of \(differences.count) cells are better. Difference over all cells: "
      try done.expect(
        start,
        has: [try #require(Quantile.median(differences)), mean(differences), mean(done.numbers("summary", "q"))])
    }
  }

  @Test("receptive-fields.vc calls the model's fields clearer only where they are")
  func fields() throws {
    try FinishedRecipe.run("receptive-fields.vc") { done in
      let data = try #require(Quantile.median(try done.numbers("clear", "snr")))
      let model = try #require(Quantile.median(try done.numbers("clear", "snr_model")))
      try done.expect("Median SNR: ", has: [data, model])
      #expect(done.output.contains("The model's fields are clearer") == (model > data))
    }
  }
}
