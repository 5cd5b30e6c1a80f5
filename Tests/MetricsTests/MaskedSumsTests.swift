import Base
import Foundation
import Metrics
import Testing

@Suite struct MaskedSumsTests {
  private let cells = 21
  private let bins = 300

  /// Rates, counts and masks with all that may happen: values that are not finite in masked bins, weights, large counts.
  private func series() -> (rates: Tensor, counts: Tensor, mask: Tensor) {
    var generator = MersenneTwister(seed: 9)
    var (rates, counts, mask) = ([Float](), [Float](), [Float]())
    for index in 0..<cells * bins {
      let draw = generator.normal()
      mask.append(index % 7 == 0 || index < 3 * cells ? 0 : index % 5 == 0 ? 0.5 : 1)
      let isMasked = mask[index] == 0
      rates.append(isMasked && index % 2 == 0 ? .nan : Float(abs(draw)) * (index % 11 == 0 ? 1e-5 : 0.3))
      counts.append(isMasked && index % 3 == 0 ? .infinity : draw > 2.4 ? 70 : Float(max(0, Int(draw * 2))))
    }
    let shape = [bins, cells]
    return (
      Tensor(shape: shape, values: rates), Tensor(shape: shape, values: counts), Tensor(shape: shape, values: mask)
    )
  }

  private func numbers(_ sums: MaskedSums) -> [Double] {
    [
      Double(sums.validBins), sums.weight, sums.rates, sums.counts, sums.rateVariation, sums.countVariation,
      sums.covariation, sums.countLogRate, sums.countLogExactRate, sums.countLogCount, sums.logFactorials,
    ]
  }

  @Test("Bins of all cells at once add up as one after the other")
  func allCellsAtOnce() {
    let (rates, counts, mask) = series()
    var together = [MaskedSums](repeating: MaskedSums(), count: cells)
    MaskedSums.add(rates: rates, counts: counts, mask: mask, to: &together)
    for cell in 0..<cells {
      var alone = MaskedSums()
      for bin in 0..<bins {
        let index = bin * cells + cell
        alone.add(rate: rates.values[index], count: counts.values[index], mask: mask.values[index])
      }
      // Every seventh cell is masked, and three bins are in all.
      #expect(together[cell].validBins == (cell % 7 == 0 ? 0 : bins - 3))
      #expect(together[cell].obstacle == alone.obstacle)
      for (a, b) in zip(numbers(together[cell]), numbers(alone)) { #expect(abs(a - b) <= 1e-12 * (1 + abs(b))) }
    }
  }

  @Test("Stretches added one after the other give the bits of the whole", arguments: [1, 57, 128, 200])
  func stretches(_ rows: Int) {
    let (rates, counts, mask) = series()
    var whole = [MaskedSums](repeating: MaskedSums(), count: cells)
    MaskedSums.add(rates: rates, counts: counts, mask: mask, to: &whole)
    var parts = [MaskedSums](repeating: MaskedSums(), count: cells)
    for start in stride(from: 0, to: bins, by: rows) {
      let range = start..<min(bins, start + rows)
      MaskedSums.add(rates: rates[rows: range], counts: counts[rows: range], mask: mask[rows: range], to: &parts)
    }
    #expect(parts == whole)
  }

  @Test("A bin with spikes and rate 0 has a logarithm of minus infinity alone where nothing keeps it finite")
  func rateOfZero() {
    var sums = [MaskedSums(), MaskedSums()]
    MaskedSums.add(
      rates: Tensor(shape: [1, 2], values: [0, 0.5]), counts: Tensor(shape: [1, 2], values: [2, 2]),
      mask: Tensor(shape: [1, 2], values: [1, 1]), to: &sums)
    #expect(sums[0].countLogExactRate == -.infinity)
    #expect(abs(sums[0].countLogRate - 2 * log(1e-8)) < 1e-9)
    #expect(abs(sums[1].countLogExactRate - 2 * log(0.5)) < 1e-14)
  }
}
