import Base
import Metrics
import Testing

@Suite("Passes through a repeated sequence")
struct TrialPassesTests {
  private let reference = 12
  private let places = 20

  /// Counts that repeat, in `order` of (trial, place), under the numbers that `number` gives.
  private func predictions(_ order: [(pass: Int, place: Int)], number: ((Int) -> Int)?) -> Predictions {
    func count(_ pass: Int, _ place: Int) -> Float {
      Float(place * 7 % 5) + ((place + 3 * pass) % 4 == 0 ? 1 : 0)
    }
    let rows = order.count
    return Predictions(
      cids: [0], frames: Array(0..<rows), trials: number.map { number in order.map { number($0.pass) } },
      trialBins: order.map(\.place), rates: Tensor(shape: [rows, 1], values: order.map { Float($0.place % 4 + 1) }),
      counts: Tensor(shape: [rows, 1], values: order.map { count($0.pass, $0.place) }),
      mask: Tensor(shape: [rows, 1], values: [Float](repeating: 1, count: rows)), rateHz: 100)
  }

  private var byTrial: [(pass: Int, place: Int)] {
    (0..<reference).flatMap { pass in (0..<places).map { (pass: pass, place: $0) } }
  }

  private let metrics = AllMetrics.types.filter { $0 is any RepeatMetric.Type }

  @Test("Trial numbers that begin again give the numbers of unique ones, and a note")
  func restart() throws {
    let unique = predictions(byTrial) { $0 }
    let restarted = predictions(byTrial) { $0 % 6 }
    #expect(try evaluate(unique, metrics: metrics) == evaluate(restarted, metrics: metrics))
    let note = try #require(try RepeatLayout(restarted).note)
    #expect(note == "trial numbers begin again: 12 repeats have 6 numbers")
    #expect(try RepeatLayout(unique).note == nil && RepeatLayout(unique).trialCount == 12)
  }

  @Test("Gaps at the beginning of trials do not mix passes of one number")
  func gaps() throws {
    let order = byTrial.filter { $0.place >= $0.pass % 5 && !($0.pass == 3 && (8...11).contains($0.place)) }
    let unique = try evaluate(predictions(order) { $0 }, metrics: metrics)
    #expect(unique.count == 1 && unique[0][NormalizedCorrelation.self].value != nil)
    #expect(try unique == evaluate(predictions(order) { $0 % 6 }, metrics: metrics))
  }

  @Test("Rows that are interleaved by trial keep every bin")
  func interleaved() throws {
    let order = (0..<places).flatMap { place in (0..<reference).map { (pass: $0, place: place) } }
    let unique = predictions(order) { $0 }
    let restarted = predictions(order) { $0 % 6 }
    let passes = try #require(TrialPasses(restarted))
    #expect(passes.count == 12 && passes.duplicates == 0)
    let a = try evaluate(unique, metrics: [NormalizedCorrelation.self, OracleCorrelation.self])
    let b = try evaluate(restarted, metrics: [NormalizedCorrelation.self, OracleCorrelation.self])
    for metric in [NormalizedCorrelation.self, OracleCorrelation.self] as [any Metric.Type] {
      #expect(abs(try #require(a[0][metric].value) - #require(b[0][metric].value)) < 1e-12)
    }
  }

  @Test("A note counts the rows that repeat a bin of the same pass")
  func duplicates() throws {
    let order = byTrial.flatMap { $0.place == 4 ? [$0, $0] : [$0] }
    let layout = try RepeatLayout(predictions(order) { $0 })
    #expect(layout.trialCount == 12)
    #expect(layout.note?.contains("12 bins have the trial and the position of another bin") == true)
  }
}
