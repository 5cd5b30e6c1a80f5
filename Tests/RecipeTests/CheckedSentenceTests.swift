import Base
import Foundation
import Testing

/// What recipes print in words, held against the answers of other commands.
@Suite("Sentences of recipes, by other commands")
struct CheckedSentenceTests {
  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// Pearson's r.
  private func correlation(_ a: [Double], _ b: [Double]) -> Double {
    let (meanA, meanB) = (mean(a), mean(b))
    let together: Double = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) }
    let squaresA: Double = a.reduce(0) { $0 + ($1 - meanA) * ($1 - meanA) }
    let squaresB: Double = b.reduce(0) { $0 + ($1 - meanB) * ($1 - meanB) }
    return together / (squaresA * squaresB).squareRoot()
  }

  /// NaN where the field is null.
  private func number(_ row: Record, _ name: String) -> Double { row[name]?.number ?? .nan }

  /// The records of a table, by cid.
  private func cells(_ table: Table) throws -> [Int: [Record]] {
    try Dictionary(grouping: (0..<table.rowCount).map { table.record($0) }) { Int(try #require($0["cid"]?.number)) }
  }

  @Test(
    "evaluate.vc gives the mean of the ceilings that eval defines, and counts the cells that calibrate scores above 0")
  func evaluate() throws {
    try FinishedRecipe.run("evaluate.vc") { done in
      let ceilings = try #require(
        done.answer("eval twin on sim/fixrsvp --split all --metrics cc_norm")["cc_norm"]?.numbers)
      let known = ceilings.compactMap(\.self)
      #expect(!known.isEmpty && known.count < ceilings.count)
      try done.expect(
        "Mean cc_norm, the correlation relative to what the noise allows: ",
        has: [mean(known), Double(known.count), Double(ceilings.count)])
      let scores = try #require(
        done.answer("calibrate twin on sim/fixrsvp --split all")["bits_per_spike"]?.numbers)
      #expect(
        try done.numbers(inLineWith: " cells are predicted better than by a constant rate")
          == [Double(scores.count { ($0 ?? 0) > 0 }), Double(scores.count)])
    }
  }

  @Test(
    "events.vc gives the saccades' median and fastest, and the correlation of the time courses that triggered lists")
  func events() throws {
    try FinishedRecipe.run("events.vc") { done in
      let saccades = try done.answer("saccades rec/backimage --lambda 6")
      func numbers(_ name: String) throws -> [Double] { try #require(saccades[name]?.numbers).compactMap(\.self) }
      #expect(saccades.rowCount > 20)
      let amplitude = try #require(Quantile.median(numbers("amplitude_deg")))
      let speed = try #require(try numbers("peak_speed").max())
      let found = try done.numbers(inLineWith: " saccades, median amplitude ")
      try #require(found.count == 3)
      #expect(found[0] == Double(saccades.rowCount))
      #expect(abs(found[1] - amplitude) <= 0.00501 && abs(found[2] - speed) <= 0.501)

      let courses = try cells(done.answer("triggered fitted on rec/backimage --lambda 6 --bin 25"))
      let summary = try cells(done.answer("triggered fitted on rec/backimage --lambda 6 --bin 25 --summary"))
      let moved = summary.keys.filter { (summary[$0]?.first?["modulation"]?.number ?? 0) > 0.2 }
      #expect(!moved.isEmpty && moved.count < summary.count)
      #expect(
        try done.numbers(inLineWith: " cells is modulated by more than a fifth of its mean")
          == [Double(moved.count), Double(summary.count)])
      let agreement = try moved.map { cid -> Double in
        let rows: [Record] = try #require(courses[cid])
          .filter { number($0, "data_hz").isFinite && number($0, "model_hz").isFinite }
        let data: [Double] = rows.map { number($0, "data_hz") }
        // The variance that noise leaves is smaller than the whole, so a modulated cell's rates vary at least as much.
        let center = mean(data)
        let squares: Double = data.reduce(0) { $0 + ($1 - center) * ($1 - center) }
        #expect((squares / Double(data.count - 1)).squareRoot() / center > 0.2, "cell \(cid)")
        return correlation(data, rows.map { number($0, "model_hz") })
      }
      try done.expect(
        "For these the median correlation of the twin's time course with the cell's is ",
        has: [try #require(Quantile.median(agreement))])
    }
  }

  @Test("temporal.vc counts the kernels with taps of weight 0, and its latencies are the centres of the lags' shares")
  func temporal() throws {
    try FinishedRecipe.run("temporal.vc") { done in
      let taps = try done.answer("temporal twin --by lag")
      let kernels = Dictionary(grouping: (0..<taps.rowCount).map { taps.record($0) }) { $0["kernel"]?.plainText ?? "" }
      let stuck = kernels.values.count { rows in
        let weights = rows.compactMap { $0["weight"]?.number }.map(abs)
        return weights.contains { $0 <= 1e-6 * (weights.max() ?? 0) }
      }
      #expect(
        try done.numbers(inLineWith: " kernels have taps without weight") == [Double(stuck), Double(kernels.count)])

      let lags = try cells(done.answer("temporal twin on sim/gaborium --windows 24 --by lag"))
      var latencies: [Double] = []
      var newest: [Double] = []
      for rows in lags.values {
        let places: [(ms: Double, share: Double)] = rows.map { row in (number(row, "ms"), number(row, "share")) }
        let total: Double = places.reduce(0) { $0 + $1.share }
        let moment: Double = places.reduce(0) { $0 + $1.ms * $1.share }
        latencies.append(moment / total)
        newest.append(places.first { $0.ms == 0 }?.share ?? .nan)
      }
      let (fastest, slowest) = (try #require(latencies.min()), try #require(latencies.max()))
      // The 0 is that of "lag 0".
      try done.expect("Mean latency over cells ", has: [mean(latencies), fastest, slowest, 0, mean(newest)])

      let fields = try done.answer("temporal twin on sim/gaborium --windows 24 --data --min-snr 6.5")
      let clear: [Record] = (0..<fields.rowCount).map { fields.record($0) }.filter { number($0, "data_snr") >= 6.5 }
      let late: [Double] = clear.map { number($0, "model_ms") - number($0, "data_ms") }
      #expect(!late.isEmpty)
      let found = try done.numbers(inLineWith: "the twin's field peaks ")
      try #require(found.count == 3)
      #expect(found[0] == Double(late.count) && found[1] == Double(fields.rowCount))
      #expect(abs(found[2] - mean(late)) <= 0.0501)
    }
  }

  @Test("neuron.vc lists the cells that eval scores below 0.1, by rate, with the scores of calibrate")
  func neuron() throws {
    try FinishedRecipe.run("neuron.vc") { done in
      let scores = try done.answer("eval twin on sim/fixrsvp")
      let bad = (0..<scores.rowCount).map { scores.record($0) }
        .filter { number($0, "bits_per_spike") < 0.1 }
        .sorted { number($0, "rate_hz") < number($1, "rate_hz") }.prefix(6)
      #expect(bad.count > 1)
      let mended = try cells(done.answer("calibrate twin on sim/fixrsvp"))
      let lines = done.output.split(separator: "\n", omittingEmptySubsequences: false)
      let heading = try #require(lines.firstIndex { $0.hasPrefix("Cells of sim/fixrsvp that are predicted badly") })
      // A heading, the names of the columns, a rule, and the rows.
      let shown = lines.dropFirst(heading + 3).prefix(bad.count).map { line in
        line.split(separator: " ").map { Double($0) ?? .nan }
      }
      #expect(shown.map(\.first) == bad.map { $0["cid"]?.number })
      for (row, expected) in zip(shown, bad) {
        try #require(row.count == 5)
        let cid = Int(row[0])
        let calibrated: Record = try #require(mended[cid]?.first)
        let values: [Double] = [
          number(expected, "rate_hz"), number(expected, "bits_per_spike"),
          number(calibrated, "bits_per_spike_calibrated"), number(expected, "r"),
        ]
        for (shown, value) in zip(row.dropFirst(), values) { #expect(abs(shown - value) <= 0.006, "cell \(cid)") }
      }
    }
  }

  @Test("why.vc counts the cells without a cause; why finds the same when it is asked for a cell alone")
  func why() throws {
    try FinishedRecipe.run("why.vc") { done in
      let all = try done.table("all")
      let causes = (0..<all.rowCount).map { all.record($0)["cause"]?.plainText ?? "" }
      let cids = try #require(all["cid"]?.numbers).compactMap(\.self).map { Int($0) }
      #expect(
        try cids == done.answer("eval fitted on nova/backimage")["cid"]?.numbers?.compactMap { $0.map { Int($0) } })
      let sound = (0..<all.rowCount).filter { all.record($0)["cause"] == .null }
      #expect(try done.numbers(inLineWith: "`why` finds no cause") == [Double(sound.count), Double(cids.count)])
      // Asking takes seconds a cell: one without a cause and two with one.
      let ill = cids.indices.filter { !sound.contains($0) }
      for row in sound.prefix(1) + ill.prefix(1) + ill.suffix(1) {
        let found = try done.answer("why fitted \(cids[row]) on nova/backimage | where found")
        #expect((found.rowCount == 0) == sound.contains(row), "cell \(cids[row])")
        if found.rowCount > 0 { #expect(found.record(0)["cause"]?.plainText == causes[row], "cell \(cids[row])") }
      }
      #expect(!sound.isEmpty && ill.count > 1)
    }
  }

  @Test("single-or-multi.vc counts the cells that eval scores higher in company, and means over the same cells")
  func company() throws {
    try FinishedRecipe.run("single-or-multi.vc") { done in
      let (alone, many) = (
        try cells(done.answer("eval alone on home/gaborium")), try cells(done.answer("eval with1 on home/gaborium"))
      )
      let changes = alone.compactMap { cid, rows -> Double? in
        guard let before = rows.first, let after = many[cid]?.first else { return nil }
        let change = number(after, "bits_per_spike") - number(before, "bits_per_spike")
        return change.isFinite ? change : nil
      }
      #expect(changes.count > 10 && changes.contains { $0 != 0 })
      let found = try done.numbers(inLineWith: " cells are better with 2 sessions than with one")
      try #require(found.count == 5)
      #expect(found.prefix(3) == [Double(changes.count { $0 > 0 }), Double(changes.count), 2])
      let middle = try #require(Quantile.median(changes))
      #expect(abs(found[3] - mean(changes)) <= 0.00006 && abs(found[4] - middle) <= 0.00006)
    }
  }
}
