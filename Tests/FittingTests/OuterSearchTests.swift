import Fitting
import Testing

@Suite("A search over numbers that a fit depends on")
struct OuterSearchTests {
  /// The fit's own number y is at its optimum for (x, y): (x0 + y - 1)^2 + 5 (x0 - 2)^2 + (x1 + 1)^4 + y^2 / 2.
  private func fit(_ x: [Double]) -> (loss: Double, fit: Double) {
    let y = -2 * (x[0] - 1) / 3
    let (a, b, c) = (x[0] + y - 1, x[0] - 2, x[1] + 1)
    return (a * a + 5 * b * b + c * c * c * c + y * y / 2, y)
  }

  private func gradient(_ x: [Double], _ y: Double) -> [Double] {
    [2 * (x[0] + y - 1) + 10 * (x[0] - 2), 4 * (x[1] + 1) * (x[1] + 1) * (x[1] + 1)]
  }

  @Test("Finds where both are at their optimum") func finds() throws {
    let start = [-1.0, 1]
    let search = try OuterSearch<Double>(
      start: .init(numbers: start, loss: fit(start).loss, fit: fit(start).fit), tolerance: 1e-10, mostSteps: 200
    ) { numbers, _ in
      fit(numbers)
    } gradient: {
      gradient($0.numbers, $0.fit)
    }
    #expect(search.converged && search.steps > 3)
    // By x0 alone: (x0 - 1)^2 / 3 + 5 (x0 - 2)^2.
    #expect(abs(search.best.numbers[0] - 31.0 / 16) < 1e-3)
    #expect(abs(search.best.numbers[1] + 1) < 0.02)
    #expect(search.best.fit == fit(search.best.numbers).fit)
  }

  @Test("Where no step lowers the loss, nothing moves") func rests() throws {
    var asked = 0
    let search = try OuterSearch<Int>(
      start: .init(numbers: [0], loss: 0, fit: 0), tolerance: 1e-6, mostSteps: 10
    ) { numbers, _ in
      asked += 1
      return (abs(numbers[0]) + 1, 0)
    } gradient: { _ in
      [1]
    }
    #expect(search.converged && search.steps == 0 && search.best.numbers == [0] && asked > 1)
  }
}
